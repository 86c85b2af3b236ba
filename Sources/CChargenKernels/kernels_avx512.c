#if defined(__x86_64__)
#include <immintrin.h>
#define CK_NAME ck_kernels_avx512
#define CK_LABEL "avx512"
#define CK_LANES 16
#define CK_ROWS 14  // 28 accumulators of 32 registers
#define CK_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#include "avx512_functions.h"
#include "kernels_vector.h"
#endif
