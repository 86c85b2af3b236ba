// How work is divided among threads: always by output elements, never along a summed dimension. Each element is summed in
// one order, so results do not depend on the number of threads or on which thread computes an item.
#ifndef CHARGEN_WORK_H
#define CHARGEN_WORK_H

#include <stddef.h>

// The work of a job is counted in multiply-adds of products: one takes 0.01 to 0.02 ns of one core (Zen 4 with AVX-512).
enum {
  /// The work below which a job is not shared: 2 to 4 microseconds of one core. Measured on Zen 4 with two cores: sharing
  /// costs 0.2 to 0.5 microseconds where the threads wait for work, so that it gains from about one microsecond on. It
  /// costs 25 microseconds where they sleep; but they sleep only after half a millisecond without a job, of which this is
  /// a twentieth.
  ck_worth_sharing = 200000,
  /// The work of reading and writing one number in an element-wise operation (0.1 to 0.5 ns).
  ck_number_work = 10,
  /// The work of one exponential function, or of the hash of one number (0.4 ns).
  ck_function_work = 20,
};

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
