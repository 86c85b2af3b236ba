// The choice of a table of kernels for this processor.
#include "kernel_tables.h"

#if defined(__x86_64__)
#include <cpuid.h>

// __builtin_cpu_supports also checks that the operating system saves the wide registers.
static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

/// Leaf 7, subleaf 1. Not all compilers know this name in __builtin_cpu_supports. It uses AVX2's registers.
static int has_avxvnni(void) {
  unsigned eax, ebx, ecx, edx;
  return has_avx2() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & 1u << 4);
}

static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

static int has_avx512vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static int has_dot_products(void) {
  const unsigned long asimddp = 1ul << 20;  // HWCAP_ASIMDDP
  return (getauxval(AT_HWCAP) & asimddp) != 0;
}
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>

static int has_dot_products(void) {
  int has = 0;
  size_t size = sizeof has;
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, NULL, 0) == 0 && has;
}
#elif defined(__aarch64__)
static int has_dot_products(void) { return 0; }
#endif

const ck_kernels *ck_kernels_for(ck_isa isa) {
  switch (isa) {
    case CK_ISA_SCALAR: return &ck_kernels_scalar;
#if defined(__x86_64__)
    case CK_ISA_AVX2: return has_avx2() ? &ck_kernels_avx2 : NULL;
    case CK_ISA_AVXVNNI: return has_avxvnni() ? &ck_kernels_avxvnni : NULL;
    case CK_ISA_AVX512: return has_avx512() ? &ck_kernels_avx512 : NULL;
    case CK_ISA_AVX512VNNI: return has_avx512vnni() ? &ck_kernels_avx512vnni : NULL;
    case CK_ISA_AVX512BF16:
      return has_avx512vnni() && __builtin_cpu_supports("avx512bf16") ? &ck_kernels_avx512bf16 : NULL;
#elif defined(__aarch64__)
    case CK_ISA_NEON: return &ck_kernels_neon;  // every 64-bit Arm processor has it
    case CK_ISA_NEONDOT: return has_dot_products() ? &ck_kernels_neondot : NULL;
#endif
    default: return NULL;
  }
}

ck_isa ck_best_isa(void) {
  const ck_isa best_first[] = {CK_ISA_AVX512BF16, CK_ISA_AVX512VNNI, CK_ISA_AVX512, CK_ISA_AVXVNNI,
                               CK_ISA_AVX2,       CK_ISA_NEONDOT,    CK_ISA_NEON};
  for (size_t i = 0; i < sizeof best_first / sizeof *best_first; i++)
    if (ck_kernels_for(best_first[i])) return best_first[i];
  return CK_ISA_SCALAR;
}

int ck_prefers_bfloat16(const ck_kernels *kernels) {
#if defined(__x86_64__)
  // AMD's processors start as many bfloat16 as float32 product instructions per cycle, and each bfloat16 instruction does
  // twice the work. Intel's start one bfloat16 instruction in the time of four float32 instructions, which is half the
  // speed (measured on Emerald Rapids).
  return kernels->has_bfloat16 && __builtin_cpu_is("amd");
#else
  return kernels->has_bfloat16;
#endif
}
