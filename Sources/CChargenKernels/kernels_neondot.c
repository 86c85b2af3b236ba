#if defined(__aarch64__)
#include <arm_neon.h>
#define CK_NAME ck_kernels_neondot
#define CK_LABEL "neondot"
#define CK_LANES 4
#define CK_ROWS 12  // 24 accumulators of 32 registers
#define CK_TARGET __attribute__((target("dotprod")))
// The instruction multiplies signed bytes by signed bytes. The one for unsigned by signed bytes, usdot, came later.
#define CK_DOT_SIGNED_INT8(sum, a, b) (integers)vdotq_s32((int32x4_t)(sum), (int8x16_t)(a), (int8x16_t)(b))
#include "kernels_vector.h"
#endif
