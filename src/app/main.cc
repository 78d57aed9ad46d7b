// Built for the baseline, so that an older CPU gets a sentence and not an illegal instruction.
#include <cstdio>

namespace toolgate::app {
int run(int argc, char** argv);
}

int main(int argc, char** argv) {
  if (!__builtin_cpu_supports("x86-64-v3")) {
    std::fputs("toolgate: this build needs a CPU of level x86-64-v3 (AVX2, BMI2, FMA)\n", stderr);
    return 1;
  }
  return toolgate::app::run(argc, argv);
}
