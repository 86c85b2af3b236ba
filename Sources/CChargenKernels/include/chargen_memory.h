// Zeroed memory for numbers.
#ifndef CHARGEN_MEMORY_H
#define CHARGEN_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `bytes` of zeroed memory aligned to a cache line, on large pages where it is large and the system has them. NULL
/// where memory is refused.
void *ck_allocate(size_t bytes);
void ck_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
