// Allocation of zeroed memory for numbers.
#ifndef CHARGEN_MEMORY_H
#define CHARGEN_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Allocates `bytes` of zeroed memory, aligned to a cache line; large allocations use large pages where the system has
/// them. Returns NULL where the system refuses memory.
void *ck_allocate(size_t bytes);
/// Frees memory of ck_allocate.
void ck_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
