#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // for sched_getaffinity
#endif
#include "include/chargen_team.h"

#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

int ck_available_processors(void) {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0) return CPU_COUNT(&allowed);
#endif
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}
