#if defined(__aarch64__)
#define CK_NAME ck_kernels_neon
#define CK_LABEL "neon"
#define CK_LANES 4
#define CK_ROWS 12  // 24 accumulators of 32 registers
#define CK_TARGET
#include "kernels_vector.h"
#endif
