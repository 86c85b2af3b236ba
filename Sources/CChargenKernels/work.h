// How work is shared out. Always by output elements, never by a summed dimension: each element is summed in one order, so
// results do not depend on the number of threads, nor on who does what.
#ifndef CHARGEN_WORK_H
#define CHARGEN_WORK_H

#include <stddef.h>

/// Multiply-adds (or numbers touched) under which waking the team costs more than it saves.
enum { ck_worth_sharing = 20000 };

typedef struct ck_span {
  ptrdiff_t first, last;
} ck_span;

/// Part `index` of `total` items in `parts` nearly equal, consecutive parts.
static inline ck_span ck_part(ptrdiff_t total, ptrdiff_t index, ptrdiff_t parts) {
  return (ck_span){total * index / parts, total * (index + 1) / parts};
}

static inline ptrdiff_t ck_ceiling(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

#endif
