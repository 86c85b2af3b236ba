// How work is divided among threads: always by output elements, never along a summed dimension. Each element is summed in
// one order, so results do not depend on the number of threads or on which thread computes an item.
#ifndef CHARGEN_WORK_H
#define CHARGEN_WORK_H

#include <stddef.h>

/// Number of multiply-adds (or of numbers touched) below which waking the team costs more time than it saves.
enum { ck_worth_sharing = 20000 };

/// The range [first, last).
typedef struct ck_span {
  ptrdiff_t first, last;
} ck_span;

/// Part `index` of `total` items that are divided into `parts` nearly equal, consecutive parts.
static inline ck_span ck_part(ptrdiff_t total, ptrdiff_t index, ptrdiff_t parts) {
  return (ck_span){total * index / parts, total * (index + 1) / parts};
}

static inline ptrdiff_t ck_ceiling(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

#endif
