#if defined(__x86_64__)
#define CK_NAME ck_kernels_avx2
#define CK_LABEL "avx2"
#define CK_LANES 8
#define CK_ROWS 6  // 12 accumulators of 16 registers
#define CK_TARGET __attribute__((target("avx2,fma")))
#include "kernels_vector.h"
#endif
