// 1 / x in a quarter of a division's time: the processor's estimate to 14 bits and one step of Newton's method.
#ifndef CHARGEN_AVX512_RECIPROCAL_H
#define CHARGEN_AVX512_RECIPROCAL_H

static inline __attribute__((always_inline, target("avx512f"))) __m512 reciprocal(__m512 x) {
  const __m512 estimate = _mm512_rcp14_ps(x);
  return estimate * (2.0f - x * estimate);
}
#define CK_RECIPROCAL(x) (vector) reciprocal((__m512)(x))

#endif
