// Packing: copies of matrices in the order in which products read them.
#include "include/chargen_kernels.h"
#include "work.h"

ptrdiff_t ck_packed_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t n) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes;
  return ck_ceiling(n, width) * ck_words(precision, k) * width;
}

ptrdiff_t ck_packed_gates_size(const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h, int gates) {
  const ptrdiff_t units = ck_gate_vectors(gates) * kernels->lanes;
  return ck_ceiling(h, units) * ck_words(precision, k) * gates * units;
}

typedef struct packing {
  const ck_kernels *kernels;
  ck_precision precision;
  ptrdiff_t k, n, row, column;
  int gates;
  const float *b;
  ck_word *packed;
} packing;

/// Packs one vector of columns of a matrix whose columns are contiguous in `b`: the words of a column, which are already
/// consecutive, are stored `step` words apart.
static void spread(const packing *p, int count, const float *from, ck_word *to, ptrdiff_t step) {
  enum { block = 64 };
  ck_word line[block];
  const ptrdiff_t per_word = p->precision == CK_BFLOAT16 ? 2 : 1;
  for (ptrdiff_t start = 0; start < p->k; start += block) {
    const ptrdiff_t size = p->k - start < block ? p->k - start : block, words = ck_words(p->precision, size);
    ck_word *at = to + start / per_word * step;
    for (int j = 0; j < p->kernels->lanes; j++) {
      if (j >= count) {
        for (ptrdiff_t w = 0; w < words; w++) at[w * step + j] = 0;
        continue;
      }
      const float *source = from + j * p->column + start;
      const ck_word *converted = (const ck_word *)source;
      if (p->precision == CK_BFLOAT16) {
        line[words - 1] = 0;
        p->kernels->to_bfloat16(size, source, (ck_half *)line);
        converted = line;
      }
      for (ptrdiff_t w = 0; w < words; w++) at[w * step + j] = converted[w];
    }
  }
}

static void pack_vectors(void *context, ck_turns *turns) {
  const packing *p = context;
  const ptrdiff_t lanes = p->kernels->lanes, width = CK_PANEL_VECTORS * lanes, words = ck_words(p->precision, p->k);
  for (ptrdiff_t v; (v = ck_next(turns)) >= 0;) {
    const ptrdiff_t column = v * lanes, left = p->n - column;
    const int filled = (int)(left < 0 ? 0 : left < lanes ? left : lanes);
    ck_word *to = p->packed + v / CK_PANEL_VECTORS * words * width + v % CK_PANEL_VECTORS * lanes;
    if (p->column != 1) spread(p, filled, p->b + column * p->column, to, width);
    else p->kernels->pack_float32[p->precision](p->k, filled, p->b + column, p->row, to, width);
  }
}

void ck_pack(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t n,
             const float *b, ptrdiff_t row, ptrdiff_t column, ck_word *packed) {
  packing p = {kernels, precision, k, n, row, column, 0, b, packed};
  ck_team_run(team, k * n * ck_number_work > ck_worth_sharing,
              ck_ceiling(n, CK_PANEL_VECTORS * kernels->lanes) * CK_PANEL_VECTORS, pack_vectors, &p);
}

static void pack_gate_blocks(void *context, ck_turns *turns) {
  const packing *p = context;
  const ptrdiff_t lanes = p->kernels->lanes, width = CK_PANEL_VECTORS * lanes, h = p->n;
  const ptrdiff_t words = ck_words(p->precision, p->k);
  const int vectors = ck_gate_vectors(p->gates), count = p->gates * vectors;
  for (ptrdiff_t block; (block = ck_next(turns)) >= 0;) {
    for (int v = 0; v < count; v++) {
      const ptrdiff_t unit = (block * vectors + v % vectors) * lanes, left = h - unit;
      const ptrdiff_t panel = (block * count + v) / CK_PANEL_VECTORS;
      p->kernels->pack_float32[p->precision](
          p->k, (int)(left < 0 ? 0 : left < lanes ? left : lanes), p->b + v / vectors * h + unit, p->gates * h,
          p->packed + panel * words * width + v % CK_PANEL_VECTORS * lanes, width);
    }
  }
}

void ck_pack_gates(ck_team *team, const ck_kernels *kernels, ck_precision precision, ptrdiff_t k, ptrdiff_t h,
                   int gates, const float *b, ck_word *packed) {
  packing p = {kernels, precision, k, h, 0, 1, gates, b, packed};
  ck_team_run(team, k * gates * h * ck_number_work > ck_worth_sharing,
              ck_ceiling(h, ck_gate_vectors(gates) * kernels->lanes), pack_gate_blocks, &p);
}
