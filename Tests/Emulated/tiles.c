// The kernels that products are made of, against their scalar twins. Packed panels are laid out by vectors, so the scalar
// twin is run on parts of what the vector kernel gets.
#include <stdio.h>
#include <string.h>

#include "twins.h"

static int at_most(ptrdiff_t n, int most) { return n < 0 ? 0 : n < most ? (int)n : most; }

void check_tile(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  const int width = CK_PANEL_VECTORS * pair[0]->lanes, narrow = CK_PANEL_VECTORS * pair[1]->lanes, c_row = width + 5;
  const ck_word *b = operand_words(precision, n * width, shift, 12);
  const float *init = numbers(width, shift, 13, 1);
  ck_word *part = take(n * narrow * (ptrdiff_t)sizeof(ck_word));
  for (int m = 1; m <= pair[0]->tile_rows; m++) {
    const ck_word *a = operand_words(precision, (n + 2) * (m + 3), shift, 11);
    // The left side read along rows or along columns; with or without a first row; added to c or not.
    for (int kind = 0; kind < 8; kind++) {
      const ptrdiff_t a_row = kind & 1 ? 1 : n + 2, a_step = kind & 1 ? m + 3 : 1;
      const float *start = kind & 2 ? init : NULL;
      float *found = numbers(m * c_row, shift, 14, 1), *expected = numbers(m * c_row, shift, 14, 1);
      pair[0]->tile[precision](m, n, a, a_row, a_step, b, start, found, c_row, kind >> 2);
      for (int j = 0; j < width; j += narrow) {
        for (ptrdiff_t p = 0; p < n; p++) memcpy(part + p * narrow, b + p * width + j, (size_t)narrow * sizeof(ck_word));
        pair[1]->tile[precision](m, n, a, a_row, a_step, part, start ? start + j : NULL, expected + j, c_row, kind >> 2);
      }
      char what[32];
      snprintf(what, sizeof what, ", %d rows, kind %d", m, kind);
      agree(what, found, expected, m * c_row + margin, 1e-5f, 0);
    }
  }
}

void check_tile_int8(tables pair, ck_precision unused, ptrdiff_t n, int shift) {
  (void)unused;
  const int width = CK_PANEL_VECTORS * pair[0]->lanes, narrow = CK_PANEL_VECTORS * pair[1]->lanes, c_row = width + 4;
  uint64_t seed = 40;
  for (int m = 1; m <= pair[0]->tile_rows; m++) {
    ck_word *a = (ck_word *)take((m * (n + 1) + shift) * 4) + shift, *b = (ck_word *)take((n * width + shift) * 4) + shift;
    ck_word *part = take(n * narrow * 4);
    int32_t *found = (int32_t *)take((m * c_row + shift + margin) * 4) + shift;
    int32_t *expected = (int32_t *)take((m * c_row + shift + margin) * 4) + shift;
    for (ptrdiff_t i = 0; i < m * (n + 1); i++) a[i] = (ck_word)next_random(&seed);
    for (ptrdiff_t i = 0; i < n * width; i++) b[i] = (ck_word)next_random(&seed);
    pair[0]->tile_int8(m, n, a, n + 1, b, found, c_row);
    for (int j = 0; j < width; j += narrow) {
      for (ptrdiff_t p = 0; p < n; p++) memcpy(part + p * narrow, b + p * width + j, (size_t)narrow * sizeof(ck_word));
      pair[1]->tile_int8(m, n, a, n + 1, part, expected + j, c_row);
    }
    char what[16];
    snprintf(what, sizeof what, ", %d rows", m);
    agree_exactly(what, found, expected, m * c_row + margin, 4);
  }
}

/// Packs a vector of columns with the table, and as many vectors of the scalar table as make one into the same layout.
static void check_packing(tables pair, ck_precision to, int from_float, ptrdiff_t n, int shift) {
  const int lanes = pair[0]->lanes, some = pair[1]->lanes, step = lanes + 2;
  const ck_operand x = operand(from_float ? CK_FLOAT32 : to, n, lanes + 3, shift, 50, 1);
  const ptrdiff_t size = x.precision == CK_BFLOAT16 ? sizeof(ck_half) : sizeof(float);
  for (int count = 0; count <= lanes; count++) {
    ck_word *packed[2];
    for (int i = 0; i < 2; i++) {
      ck_pack_columns *pack = from_float ? pair[i]->pack_float32[to] : pair[i]->pack[to];
      packed[i] = operand_words(CK_FLOAT32, n * step, shift, 51);
      for (int j = 0; j < lanes; j += i == 0 ? lanes : some)
        pack(n, at_most(count - j, i == 0 ? lanes : some), (const char *)x.data + j * size, x.stride, packed[i] + j, step);
    }
    char what[24];
    snprintf(what, sizeof what, ", %d columns", count);
    agree_exactly(what, packed[0], packed[1], n * step + margin, 4);
  }
}

void check_pack(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  check_packing(pair, precision, 0, n, shift);
}

void check_pack_float32(tables pair, ck_precision precision, ptrdiff_t n, int shift) {
  check_packing(pair, precision, 1, n, shift);
}
