#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // for MADV_HUGEPAGE
#endif
#include "include/chargen_memory.h"

#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

void *ck_allocate(size_t bytes) {
  // Reading a column of a large matrix touches a page per row. With pages of 2 MiB, few accesses miss the processor's
  // address translation cache (TLB).
  enum { line = 64, large_page = 2 << 20 };
  const int large = bytes >= large_page;
  void *memory = NULL;
  if (posix_memalign(&memory, large ? large_page : line, bytes) != 0) return NULL;
#ifdef __linux__
  if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  memset(memory, 0, bytes);
  return memory;
}

void ck_free(void *memory) { free(memory); }
