// The time loop of recurrent layers: at each step one product of the step before with packed weights, whose result a
// cell's tail consumes while it is in cache; then the members meet. A new cell brings its tails, not a loop.
#include <string.h>

#include "include/chargen_kernels.h"
#include "work.h"

typedef void (*ck_tail)(const ck_lstm *s, ptrdiff_t t, ptrdiff_t row, int m, ptrdiff_t panel, const float *product);

typedef struct recurrence {
  const ck_kernels *kernels;
  const ck_lstm *cell;
  ck_tail tail;
  ptrdiff_t panels;
  /// The product's left side at step t is row block t (forward: the hidden state) or t + 1 (backward: the gradient of
  /// the gates) of `left` [.., k].
  const float *left;
  ptrdiff_t k;
} recurrence;

/// A tile of rows and the panel of columns that one item of work is.
typedef struct item {
  ptrdiff_t panel, row;
  int m;
} item;

/// Items run through the rows of one panel, then through those of the next, so that a member keeps its panels' weights
/// in its own cache.
static item item_at(const recurrence *r, ptrdiff_t index) {
  const ptrdiff_t groups = ck_ceiling(r->cell->N, r->kernels->tile_rows);
  const ck_span rows = ck_share(r->cell->N, (int)(index % groups), (int)groups);
  return (item){.panel = index / groups, .row = rows.first, .m = (int)(rows.last - rows.first)};
}

static ck_span items_of(const recurrence *r, int index, int count) {
  return ck_share(r->panels * ck_ceiling(r->cell->N, r->kernels->tile_rows), index, count);
}

/// The product for one item: left [m, k] times the item's panel.
static void multiply(const recurrence *r, item i, ptrdiff_t block, float *product) {
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes;
  r->kernels->tile(i.m, r->k, r->left + (block * r->cell->N + i.row) * r->k, r->k, 1,
                   r->cell->recurrent + i.panel * r->k * width, NULL, product, width, 0);
}

/// Columns of the item's panel that exist, where a panel covers a panel's width of hidden units.
static ptrdiff_t filled(const recurrence *r, item i) {
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes, rest = r->cell->H - i.panel * width;
  return rest < width ? rest : width;
}

static void forward_share(void *context, ck_team *team, int index, int count) {
  const recurrence *r = context;
  const ck_span items = items_of(r, index, count);
  float product[CK_MAX_TILE];
  for (ptrdiff_t t = r->cell->first; t < r->cell->last; t++) {
    for (ptrdiff_t n = items.first; n < items.last; n++) {
      const item i = item_at(r, n);
      multiply(r, i, t, product);
      r->tail(r->cell, t, i.row, i.m, i.panel, product);
    }
    ck_team_barrier(team, count);
  }
}

static void backward_share(void *context, ck_team *team, int index, int count) {
  const recurrence *r = context;
  const ck_lstm *s = r->cell;
  const ck_span items = items_of(r, index, count);
  const ptrdiff_t width = CK_PANEL_VECTORS * r->kernels->lanes;
  float product[CK_MAX_TILE];
  for (ptrdiff_t t = s->last - 1; t >= s->first; t--) {
    for (ptrdiff_t n = items.first; n < items.last; n++) {
      const item i = item_at(r, n);
      if (t == s->last - 1) {
        // Nothing has come through time yet but the gradient of the final state.
        memset(product, 0, sizeof product);
        for (int row = 0; row < i.m; row++)
          memcpy(product + row * width, s->d_hidden + (i.row + row) * s->H + i.panel * width,
                 (size_t)filled(r, i) * sizeof(float));
      } else {
        multiply(r, i, t + 1, product);
      }
      r->tail(s, t, i.row, i.m, i.panel, product);
    }
    ck_team_barrier(team, count);
  }
  for (ptrdiff_t n = items.first; n < items.last; n++) {
    const item i = item_at(r, n);
    multiply(r, i, s->first, product);
    for (int row = 0; row < i.m; row++)
      memcpy(s->d_hidden + (i.row + row) * s->H + i.panel * width, product + row * width,
             (size_t)filled(r, i) * sizeof(float));
  }
}

void ck_lstm_forward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s) {
  recurrence r = {.kernels = kernels, .cell = s, .tail = kernels->lstm_forward, .left = s->hidden, .k = s->H};
  r.panels = ck_ceiling(s->H, kernels->lanes);
  ck_team_run(team, s->N * s->H * s->H > ck_worth_sharing, forward_share, &r);
}

void ck_lstm_backward(ck_team *team, const ck_kernels *kernels, const ck_lstm *s) {
  recurrence r = {.kernels = kernels, .cell = s, .tail = kernels->lstm_backward, .left = s->d_gates, .k = 4 * s->H};
  r.panels = ck_ceiling(s->H, CK_PANEL_VECTORS * kernels->lanes);
  ck_team_run(team, s->N * s->H * s->H > ck_worth_sharing, backward_share, &r);
}
