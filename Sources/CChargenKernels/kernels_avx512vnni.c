#if defined(__x86_64__)
#include <immintrin.h>
#define CK_NAME ck_kernels_avx512vnni
#define CK_LABEL "avx512vnni"
#define CK_LANES 16
#define CK_ROWS 14  // 28 accumulators of 32 registers
#define CK_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx2,fma")))
#include "avx512_functions.h"
#define CK_DOT_INT8(sum, a, b) (integers)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(a), (__m512i)(b))
#include "kernels_vector.h"
#endif
