// Compares every vector table that this processor offers with the scalar one. The tests in Swift do so too, but need
// Swift where they run; this needs a C library, so an emulator can run it for processors that are not at hand.
#include "twins.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Alignas(64) unsigned char memory[64 << 20];
static ptrdiff_t used;
static char subject_line[256];

void *take(ptrdiff_t bytes) {
  const ptrdiff_t rounded = (bytes + 63) / 64 * 64;
  if (rounded > (ptrdiff_t)sizeof memory - used) {
    printf("%s: the program has too little memory\n", subject_line);
    exit(2);
  }
  void *taken = memory + used;
  used += rounded;
  return memset(taken, 0, (size_t)rounded);
}

void forget_all(void) { used = 0; }

// SplitMix64 (Steele, Lea and Flood, 2014).
uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

float *numbers(ptrdiff_t count, int shift, uint64_t seed, float scale) {
  float *to = (float *)take((count + shift + margin) * (ptrdiff_t)sizeof(float)) + shift;
  for (ptrdiff_t i = 0; i < count + margin; i++)
    to[i] = ((float)(next_random(&seed) >> 40) / 8388608.0f - 1) * scale;
  return to;
}

static ck_word bits_of(float x) {
  ck_word bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

ck_word *operand_words(ck_precision precision, ptrdiff_t count, int shift, uint64_t seed) {
  ck_word *to = (ck_word *)take((count + shift + margin) * (ptrdiff_t)sizeof(ck_word)) + shift;
  const float *first = numbers(count, 0, seed, 1), *second = numbers(count, 0, seed + 100, 1);
  for (ptrdiff_t i = 0; i < count + margin; i++)
    to[i] = precision == CK_FLOAT32 ? bits_of(first[i]) : bits_of(first[i]) >> 16 | (bits_of(second[i]) & 0xffff0000);
  return to;
}

ck_operand operand(ck_precision precision, ptrdiff_t rows, ptrdiff_t columns, int shift, uint64_t seed, float scale) {
  const ptrdiff_t stride = columns + columns % 2 + 4;
  const float *values = numbers(rows * columns, 0, seed, scale);
  float *floats = (float *)take((rows * stride + shift) * (ptrdiff_t)sizeof(float)) + shift;
  ck_half *halves = (ck_half *)take((rows * stride + shift) * (ptrdiff_t)sizeof(ck_half)) + shift;
  for (ptrdiff_t row = 0; row < rows; row++)
    for (ptrdiff_t column = 0; column < columns; column++) {
      const float x = values[row * columns + column];
      floats[row * stride + column] = x;
      halves[row * stride + column] = (ck_half)(bits_of(x) >> 16);
    }
  return (ck_operand){precision, precision == CK_BFLOAT16 ? (void *)halves : (void *)floats, stride};
}

ptrdiff_t widened(ck_operand x, ptrdiff_t rows, float **to) {
  const ptrdiff_t count = rows * x.stride;
  *to = take(count * (ptrdiff_t)sizeof(float));
  for (ptrdiff_t i = 0; i < count; i++) {
    const ck_word bits =
        x.precision == CK_BFLOAT16 ? (ck_word)((const ck_half *)x.data)[i] << 16 : ((const ck_word *)x.data)[i];
    memcpy(*to + i, &bits, sizeof bits);
  }
  return count;
}

void add_part(result *r, const char *name, const float *values, ptrdiff_t count) {
  float *copy = take(count * (ptrdiff_t)sizeof(float));
  memcpy(copy, values, (size_t)count * sizeof(float));
  r->parts[r->count++] = (struct part){name, copy, count, CK_FLOAT32};
}

void add_operand(result *r, const char *name, ck_operand x, ptrdiff_t rows) {
  float *values;
  const ptrdiff_t count = widened(x, rows, &values);
  r->parts[r->count++] = (struct part){name, values, count, x.precision};
}

void subject(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(subject_line, sizeof subject_line, format, arguments);
  va_end(arguments);
}

void agree(const char *what, const float *found, const float *expected, ptrdiff_t count, float absolute, float relative) {
  for (ptrdiff_t i = 0; i < count; i++) {
    if (found[i] == expected[i] || (found[i] != found[i] && expected[i] != expected[i])) continue;
    if (fabsf(found[i] - expected[i]) <= fmaxf(absolute, relative * fabsf(expected[i]))) continue;
    printf("%s%s: number %td of %td is %.9g, expected %.9g\n", subject_line, what, i, count, (double)found[i],
           (double)expected[i]);
    exit(1);
  }
}

void agree_exactly(const char *what, const void *found, const void *expected, ptrdiff_t count, int size) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const unsigned char *a = (const unsigned char *)found + i * size, *b = (const unsigned char *)expected + i * size;
    if (memcmp(a, b, (size_t)size) == 0) continue;
    printf("%s%s: number %td of %td has the bits ", subject_line, what, i, count);
    // The processors that there are tables for put a number's lowest byte first.
    for (int byte = size - 1; byte >= 0; byte--) printf("%02x", a[byte]);
    printf(", expected ");
    for (int byte = size - 1; byte >= 0; byte--) printf("%02x", b[byte]);
    printf("\n");
    exit(1);
  }
}

int main(void) {
  int tables = 0;
  const int cells = compare_with_formulas(ck_kernels_for(CK_ISA_SCALAR));
  printf("scalar: %d recurrent cells agree with their formulas\n", cells);
  fflush(stdout);
  for (int isa = CK_ISA_SCALAR + 1; isa < CK_ISAS; isa++) {
    const ck_kernels *table = ck_kernels_for((ck_isa)isa);
    if (!table) continue;
    const int kernels = compare_kernels(table), operations = compare_operations(table);
    compare_with_formulas(table);
    printf("%s: %d kernels and %d operations agree with their scalar twins\n", table->name, kernels, operations);
    fflush(stdout);
    tables++;
  }
  if (tables == 0) printf("there are no vector kernels for this processor\n");
  return tables == 0;
}
