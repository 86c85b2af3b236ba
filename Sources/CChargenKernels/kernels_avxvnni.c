#if defined(__x86_64__)
#include <immintrin.h>
#define CK_NAME ck_kernels_avxvnni
#define CK_LABEL "avxvnni"
#define CK_LANES 8
#define CK_ROWS 6  // 12 accumulators of 16 registers
#define CK_TARGET __attribute__((target("avx2,fma,avxvnni")))
#define CK_DOT_INT8(sum, a, b) (integers)_mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(a), (__m256i)(b))
#include "kernels_vector.h"
#endif
