// What the operating system tells about processors by function calls; the rest is in files, which Swift reads.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // for sched_getaffinity
#endif
#include "include/chargen_team.h"

#include <stddef.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

int ck_allowed_processors(int capacity, int *numbers) {
  int count = 0;
#ifdef __linux__
  enum { least = 1024, most = 1 << 20 };
  // The system refuses a set that is smaller than its own, without telling the size of its own.
  for (int size = least; size <= most; size *= 2) {
    cpu_set_t *allowed = CPU_ALLOC((size_t)size);
    if (!allowed) return 0;
    const size_t bytes = CPU_ALLOC_SIZE((size_t)size);
    CPU_ZERO_S(bytes, allowed);
    const int succeeded = sched_getaffinity(0, bytes, allowed) == 0;
    for (int number = 0; succeeded && number < size && count < capacity; number++)
      if (CPU_ISSET_S((size_t)number, bytes, allowed)) numbers[count++] = number;
    CPU_FREE(allowed);
    if (succeeded) break;
  }
#else
  (void)capacity;
  (void)numbers;
#endif
  return count;
}

int ck_performance_cores(void) {
#ifdef __APPLE__
  // Macs with Apple's processors have performance cores and efficiency cores, Intel's have cores of one kind.
  const char *const names[] = {"hw.perflevel0.physicalcpu", "hw.physicalcpu"};
  for (int i = 0; i < 2; i++) {
    int cores = 0;
    size_t size = sizeof cores;
    if (sysctlbyname(names[i], &cores, &size, NULL, 0) == 0 && cores > 0) return cores;
  }
#endif
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}
