// The tables of kernels that are compiled for this architecture.
#ifndef CHARGEN_KERNEL_TABLES_H
#define CHARGEN_KERNEL_TABLES_H

#include "include/chargen_kernels.h"

extern const ck_kernels ck_kernels_scalar;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2, ck_kernels_avxvnni, ck_kernels_avx512, ck_kernels_avx512vnni,
    ck_kernels_avx512bf16;
#elif defined(__aarch64__)
extern const ck_kernels ck_kernels_neon, ck_kernels_neondot;
#endif

#endif
