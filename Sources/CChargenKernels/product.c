// Matrix products over packed panels (after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication", 2008: a block of the packed matrix stays in the first-level cache and is multiplied by many rows).
#include <string.h>

#include "include/chargen_kernels.h"
#include "operand.h"
#include "work.h"

enum {
  block_words = 256,   // words of K in a block: a panel's block is 256 x 32 words = 32 KiB with the widest vectors
  block_tiles = 16,    // row tiles that are multiplied by a panel's block while it is in the cache
  block_panels = 8,    // panels that one group of row tiles is multiplied by
  packed_tiles = 40,   // row tiles of a transposed left operand that are packed together: 640 KiB
  packed_panels = 2,   // panels of the right operand that are packed together: 64 KiB
};

/// Computes one tile of c [m, n] from column `column` on; it uses a buffer where the panel is wider than the rest of c.
static void product_tile(const ck_kernels *kernels, ck_precision precision, int m, ptrdiff_t words, const ck_word *a,
                         ptrdiff_t a_row, ptrdiff_t a_step, const ck_word *b, const float *init, float *c,
                         ptrdiff_t n, ptrdiff_t column, int accumulate) {
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, filled = n - column < width ? n - column : width;
  c += column;
  if (filled == width) {
    kernels->tile[precision](m, words, a, a_row, a_step, b, init, c, n, accumulate);
    return;
  }
  _Alignas(64) float edge[CK_MAX_TILE_ROWS * CK_MAX_PANEL];
  kernels->tile[precision](m, words, a, a_row, a_step, b, init, edge, width, 0);
  for (int r = 0; r < m; r++)
    for (ptrdiff_t j = 0; j < filled; j++)
      c[r * n + j] = accumulate ? c[r * n + j] + edge[r * width + j] : edge[r * width + j];
}

typedef struct product {
  const ck_kernels *kernels;
  ptrdiff_t m, n, k;
  ck_operand a;
  const ck_word *packed;
  const float *bias;
  float *c;
  /// Number of blocks of row tiles, and of groups of panels. An item is a block of row tiles times a group of panels.
  ptrdiff_t rows, columns;
} product;

/// Divides a product into items: smaller ones than the caches suggest where these would be too few for all members.
static void divide_product(product *p, ptrdiff_t members) {
  enum { items_per_member = 4 };
  const ptrdiff_t tiles = ck_ceiling(p->m, p->kernels->tile_rows);
  const ptrdiff_t panels = ck_ceiling(p->n, CK_PANEL_VECTORS * p->kernels->lanes);
  p->rows = ck_ceiling(tiles, block_tiles);
  p->columns = ck_ceiling(panels, block_panels);
  if (members == 1) return;
  while (p->rows * p->columns < items_per_member * members && p->columns < panels)
    p->columns = 2 * p->columns < panels ? 2 * p->columns : panels;
  while (p->rows * p->columns < items_per_member * members && p->rows < tiles)
    p->rows = 2 * p->rows < tiles ? 2 * p->rows : tiles;
}

static void product_item(const product *p, ck_span tiles, ck_span panels) {
  const ck_kernels *kernels = p->kernels;
  const ck_precision precision = p->a.precision;
  const ptrdiff_t groups = ck_ceiling(p->m, kernels->tile_rows), width = CK_PANEL_VECTORS * kernels->lanes;
  const ptrdiff_t all = ck_words(precision, p->k);
  for (ptrdiff_t depth = 0; depth < all || depth == 0; depth += block_words) {
    const ptrdiff_t words = all - depth < block_words ? all - depth : block_words;
    for (ptrdiff_t panel = panels.first; panel < panels.last; panel++) {
      const ptrdiff_t column = panel * width, filled = p->n - column < width ? p->n - column : width;
      _Alignas(64) float bias[CK_MAX_PANEL] = {0};
      const float *init = NULL;
      if (p->bias && depth == 0) {
        memcpy(bias, p->bias + column, (size_t)filled * sizeof(float));
        init = bias;
      }
      for (ptrdiff_t tile = tiles.first; tile < tiles.last; tile++) {
        const ck_span rows = ck_part(p->m, tile, groups);
        product_tile(kernels, precision, (int)(rows.last - rows.first), words, (const ck_word *)ck_at(p->a, rows.first, 0) + depth,
                     ck_row_words(p->a), 1, p->packed + (panel * all + depth) * width, init, p->c + rows.first * p->n, p->n, column,
                     depth > 0);
      }
    }
  }
}

static void product_items(void *context, ck_turns *turns) {
  const product *p = context;
  const ptrdiff_t tiles = ck_ceiling(p->m, p->kernels->tile_rows);
  const ptrdiff_t panels = ck_ceiling(p->n, CK_PANEL_VECTORS * p->kernels->lanes);
  for (ptrdiff_t item; (item = ck_next(turns)) >= 0;)
    product_item(p, ck_part(tiles, item / p->columns, p->rows), ck_part(panels, item % p->columns, p->columns));
}

void ck_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, ck_operand a,
                const ck_word *packed, const float *bias, float *c) {
  product p = {kernels, m, n, k, a, packed, bias, c, 0, 0};
  const int shared = m * n * k > ck_worth_sharing;
  divide_product(&p, shared ? ck_team_size(team) : 1);
  ck_team_run(team, shared, p.rows * p.columns, product_items, &p);
}

typedef struct transposed_product {
  const ck_kernels *kernels;
  ptrdiff_t m, n, k;
  ck_operand a, b;
  ck_word *scratch;
  float *c;
} transposed_product;

enum {
  packed_left = packed_tiles * block_words * CK_TILE_STEP,
  packed_right = packed_panels * block_words * CK_MAX_PANEL,
};

ptrdiff_t ck_transposed_product_scratch(const ck_team *team) {
  // The threads pack the left operand's blocks together, for this stage and the next one; each packs its own blocks of
  // the right operand.
  return 2 * packed_left + (ptrdiff_t)ck_team_size(team) * packed_right;
}

/// A part of an operand: rows [row, row + rows) and columns [column, column + columns).
typedef struct region {
  ck_operand x;
  ptrdiff_t row, rows, column, columns;
} region;

/// Packs `width` columns of a region, from its column `column` on, into rows of words that lie `step` words apart. Columns
/// outside the region are zero.
static void pack_region(const ck_kernels *kernels, const region *r, ptrdiff_t column, ptrdiff_t width, ck_word *to,
                        ptrdiff_t step) {
  const ptrdiff_t lanes = kernels->lanes;
  for (ptrdiff_t j = 0; j < width; j += lanes) {
    const ptrdiff_t left = r->columns - column - j;
    kernels->pack[r->x.precision](r->rows, (int)(left < 0 ? 0 : left < lanes ? left : lanes),
                                  ck_at(r->x, r->row, r->column + column + j), r->x.stride, to + j, step);
  }
}

/// Numbers of the summed dimension in one stage. A stage is a block of the summed dimension times a block of row tiles. All
/// threads work on one stage at a time, so that each number of c is summed in one order.
static ptrdiff_t depth_of(const transposed_product *p) {
  return p->a.precision == CK_BFLOAT16 ? 2 * block_words : block_words;
}

static ptrdiff_t tiles_of(const transposed_product *p) { return ck_ceiling(p->m, p->kernels->tile_rows); }
static ptrdiff_t panels_of(const transposed_product *p) {
  return ck_ceiling(p->n, CK_PANEL_VECTORS * p->kernels->lanes);
}
static ptrdiff_t tile_blocks_of(const transposed_product *p) { return ck_ceiling(tiles_of(p), packed_tiles); }
static ptrdiff_t stages_of(const transposed_product *p) {
  return tile_blocks_of(p) * ck_ceiling(p->k, depth_of(p));
}

static ck_span stage_tiles(const transposed_product *p, ptrdiff_t stage) {
  return ck_part(tiles_of(p), stage % tile_blocks_of(p), tile_blocks_of(p));
}

/// Number of groups of panels. An item of a stage is a group of panels times all tiles, or times a part of the tiles where
/// there are few groups.
static ptrdiff_t groups_of(const transposed_product *p) { return ck_ceiling(panels_of(p), packed_panels); }
/// Number of parts that the tiles of a stage are divided into.
static ptrdiff_t splits_of(const transposed_product *p) {
  enum { enough = 8 };
  const ptrdiff_t splits = ck_ceiling(enough, groups_of(p));
  return splits < tiles_of(p) / tile_blocks_of(p) ? splits : 1;
}

/// Columns [first, last) of `x`, which has `columns` columns, in the rows of stage `stage`.
static region stage_region(const transposed_product *p, ck_operand x, ptrdiff_t stage, ptrdiff_t first, ptrdiff_t last,
                           ptrdiff_t columns) {
  const ptrdiff_t depth = depth_of(p), row = stage / tile_blocks_of(p) * depth;
  return (region){x, row, p->k - row < depth ? p->k - row : depth, first, (last < columns ? last : columns) - first};
}

/// Packs one tile of the left operand for stage `stage`, into the half of the scratch memory that this stage reads.
static void pack_tile(const transposed_product *p, ptrdiff_t stage, ptrdiff_t tile) {
  const ptrdiff_t rows = p->kernels->tile_rows, first = stage_tiles(p, stage).first;
  const region source = stage_region(p, p->a, stage, (first + tile) * rows, p->m, p->m);
  pack_region(p->kernels, &source, 0, rows, p->scratch + stage % 2 * packed_left + tile * block_words * CK_TILE_STEP,
              CK_TILE_STEP);
}

/// Packs the panels of an item and multiplies its tiles by them.
static void multiply_item(const transposed_product *p, ptrdiff_t stage, ptrdiff_t item, ck_word *right) {
  const ck_kernels *kernels = p->kernels;
  const ptrdiff_t width = CK_PANEL_VECTORS * kernels->lanes, rows = kernels->tile_rows, splits = splits_of(p);
  const ck_span all = stage_tiles(p, stage), part = ck_part(all.last - all.first, item % splits, splits);
  const ck_span panels = ck_part(panels_of(p), item / splits, groups_of(p));
  const region source = stage_region(p, p->b, stage, panels.first * width, panels.last * width, p->n);
  const ptrdiff_t words = ck_words(p->a.precision, source.rows);
  const ck_word *left = p->scratch + stage % 2 * packed_left;
  for (ptrdiff_t panel = 0; panel < panels.last - panels.first; panel++)
    pack_region(kernels, &source, panel * width, width, right + panel * block_words * width, width);
  for (ptrdiff_t panel = 0; panel < panels.last - panels.first; panel++)
    for (ptrdiff_t tile = part.first; tile < part.last; tile++) {
      const ptrdiff_t at = (all.first + tile) * rows;
      product_tile(kernels, p->a.precision, (int)(p->m - at < rows ? p->m - at : rows), words,
                   left + tile * block_words * CK_TILE_STEP, 1, CK_TILE_STEP, right + panel * block_words * width, NULL,
                   p->c + at * p->n, p->n, (panels.first + panel) * width, source.row > 0);
    }
}

static ptrdiff_t tile_count(const transposed_product *p, ptrdiff_t stage) {
  const ck_span tiles = stage_tiles(p, stage);
  return tiles.last - tiles.first;
}

/// Number of items of a stage: first the products, then the packing of the next stage's tiles.
static ptrdiff_t stage_items(const transposed_product *p, ptrdiff_t stage) {
  return groups_of(p) * splits_of(p) + (stage + 1 < stages_of(p) ? tile_count(p, stage + 1) : 0);
}

static void transposed_stages(void *context, ck_turns *turns) {
  const transposed_product *p = context;
  const ptrdiff_t products = groups_of(p) * splits_of(p), stages = stages_of(p);
  ck_word *right = p->scratch + 2 * packed_left + (ptrdiff_t)turns->index * packed_right;
  for (ptrdiff_t tile; (tile = ck_next(turns)) >= 0;) pack_tile(p, 0, tile);
  for (ptrdiff_t stage = 0; stage < stages; stage++) {
    ck_meet(turns, stage_items(p, stage));
    for (ptrdiff_t item; (item = ck_next(turns)) >= 0;) {
      if (item < products) multiply_item(p, stage, item, right);
      else pack_tile(p, stage + 1, item - products);
    }
  }
}

void ck_transposed_product(ck_team *team, const ck_kernels *kernels, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                           ck_operand a, ck_operand b, ck_word *scratch, float *c) {
  transposed_product p = {kernels, m, n, k, a, b, scratch, c};
  ck_team_run(team, m * n * k > ck_worth_sharing, tile_count(&p, 0), transposed_stages, &p);
}
