// See emulation.h. Launches are by name, with CUDA's convention for arguments: an array of pointers to them.
#include "emulation.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels.cu"

EmulatedIndex threadIdx, blockIdx, blockDim, gridDim;

namespace {

constexpr size_t STACK = 256 << 10;
constexpr size_t SHARED_LIMIT = 48 << 10;
constexpr uint32_t THREAD_LIMIT = 1024;
constexpr uint8_t PATTERN = 0xcd;
constexpr size_t GUARD = 64;

std::mutex lock;
enum Order { FORWARDS, BACKWARDS, SHUFFLED };

Order order = FORWARDS;
std::mt19937 shuffling;
std::string failure;

// The numbers below n, in the order in which what they stand for is run.
std::vector<uint32_t> ordered(uint32_t n) {
  std::vector<uint32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0);
  if (order == BACKWARDS) {
    std::reverse(numbers.begin(), numbers.end());
  } else if (order == SHUFFLED) {
    std::shuffle(numbers.begin(), numbers.end(), shuffling);
  }
  return numbers;
}

// ---- Threads of a block.

struct Fiber {
  ucontext_t context;
  char* stack = nullptr;
  bool done = false;
};

std::vector<Fiber> fibers;
ucontext_t scheduler;
Fiber* running = nullptr;
const std::function<void()>* body = nullptr;
alignas(16) uint8_t shared_bytes[SHARED_LIMIT + GUARD];

void fiber_main() {
  (*body)();
  running->done = true;
  swapcontext(&running->context, &scheduler);
}

void run_with_barriers(uint32_t threads) {
  while (fibers.size() < threads) {
    Fiber fiber;
    void* stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED) abort();
    fiber.stack = static_cast<char*>(stack);
    fibers.push_back(fiber);
  }
  for (uint32_t t = 0; t < threads; t++) {
    Fiber& fiber = fibers[t];
    fiber.done = false;
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack;
    fiber.context.uc_stack.ss_size = STACK;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, fiber_main, 0);
  }
  uint32_t left = threads;
  while (left > 0) {
    uint32_t before = left;
    for (uint32_t t : ordered(threads)) {
      if (fibers[t].done) continue;
      threadIdx.x = t;
      running = &fibers[t];
      swapcontext(&scheduler, &running->context);
      if (fibers[t].done) left--;
    }
    if (left != 0 && left != before) {
      failure = "threads of a block ended while others wait at a barrier";
      break;
    }
  }
  running = nullptr;
}

void run_without_barriers(uint32_t threads) {
  for (uint32_t t : ordered(threads)) {
    threadIdx.x = t;
    (*body)();
  }
}

// ---- Kernels by name.

struct Kernel {
  bool barriers;
  std::function<std::function<void()>(void**)> bind;
};

template <class... A, size_t... I>
std::function<void()> bind_arguments(void (*kernel)(A...), void** pointers, std::index_sequence<I...>) {
  std::tuple<std::decay_t<A>...> values;
  (memcpy(static_cast<void*>(&std::get<I>(values)), pointers[I], sizeof(std::get<I>(values))), ...);
  return [kernel, values] { std::apply(kernel, values); };
}

template <class... A>
Kernel kernel(bool barriers, void (*function)(A...)) {
  return {barriers, [function](void** pointers) {
            return bind_arguments(function, pointers, std::index_sequence_for<A...>());
          }};
}

// Those of src/main/cuda, and those that libraries of generated kernels add.
std::map<std::string, Kernel>& kernels() {
#define PLAIN(name) {#name, kernel(false, name)}
#define BARRIERS(name) {#name, kernel(true, name)}
  static std::map<std::string, Kernel> all = {
      PLAIN(fr_expand),
      PLAIN(fr_binary),
      PLAIN(fr_affine),
      PLAIN(fr_add_scaled),
      PLAIN(fr_combine),
      PLAIN(fr_powers),
      PLAIN(fr_invert),
      BARRIERS(fr_inner_product),
      BARRIERS(fr_sum),
      BARRIERS(fr_recurrence_totals),
      BARRIERS(fr_recurrence_apply),
      BARRIERS(fr_running_totals),
      BARRIERS(fr_running_apply),
      PLAIN(fr_program),
      PLAIN(bench_multiply_chain),
      PLAIN(bench_multiply_wide),
      BARRIERS(ntt_pass),
      PLAIN(msm_count),
      PLAIN(msm_scatter),
      BARRIERS(scan_totals),
      BARRIERS(scan_apply),
      PLAIN(msm_accumulate),
      PLAIN(msm_combine),
      PLAIN(msm_weigh),
      BARRIERS(msm_sum),
      PLAIN(g1_double),
      PLAIN(g1_normalize),
  };
  return all;
}

int run(bool barriers, uint32_t grid, uint32_t block, uint32_t shared, const std::function<void()>& call) {
  std::lock_guard<std::mutex> guard(lock);
  failure.clear();
  body = &call;
  gridDim.x = grid;
  blockDim.x = block;
  for (uint32_t b : ordered(grid)) {
    if (!failure.empty()) break;
    blockIdx.x = b;
    memset(shared_bytes, PATTERN, shared + GUARD);
    if (barriers) {
      run_with_barriers(block);
    } else {
      run_without_barriers(block);
    }
    for (size_t i = 0; i < GUARD; i++) {
      if (shared_bytes[shared + i] != PATTERN) failure = "shared memory overrun";
    }
  }
  body = nullptr;
  return failure.empty() ? 0 : 2;
}

// ---- Memory: blocks with guard bytes behind them.

std::map<uintptr_t, size_t> allocations;

}  // namespace

void __syncthreads() {
  if (running == nullptr) {
    failure = "a barrier in a kernel that is registered as one without";
    return;
  }
  Fiber* fiber = running;
  swapcontext(&fiber->context, &scheduler);
}

void* emulated_shared() { return shared_bytes; }

void emulation_check(bool holds, const char* message) {
  if (!holds) failure = message;
}

// What the tests call. Strings are C strings; addresses are the host's.

extern "C" {

// The last failure, or an empty string.
const char* emulation_failure() { return failure.c_str(); }

// 0 forwards, 1 backwards, 2 shuffled, always with the same seed.
void emulation_order(int which) {
  order = static_cast<Order>(which);
  shuffling.seed(1);
}

uint64_t emulation_allocate(uint64_t bytes) {
  std::lock_guard<std::mutex> guard(lock);
  char* p = static_cast<char*>(aligned_alloc(256, (bytes + GUARD + 255) / 256 * 256));
  if (p == nullptr) return 0;
  memset(p, PATTERN, bytes + GUARD);
  allocations[reinterpret_cast<uintptr_t>(p)] = bytes;
  return reinterpret_cast<uintptr_t>(p);
}

// 0, or 1 if the address is not allocated, or 2 if something was written behind the block.
int emulation_free(uint64_t address) {
  std::lock_guard<std::mutex> guard(lock);
  auto found = allocations.find(address);
  if (found == allocations.end()) return 1;
  const uint8_t* behind = reinterpret_cast<uint8_t*>(address) + found->second;
  bool intact = true;
  for (size_t i = 0; i < GUARD; i++) intact = intact && behind[i] == PATTERN;
  allocations.erase(found);
  free(reinterpret_cast<void*>(address));
  return intact ? 0 : 2;
}

// What a library of generated kernels calls, one by one, when it is loaded.
void emulation_add_program(const char* name, void (*program)(const Fr*, const Fr* const*, Fr* const*, uint64_t)) {
  kernels().insert({name, kernel(false, program)});
}

// Loads a library of generated kernels, which uses this one. 0, or 1 with the failure said.
int emulation_load(const char* path) {
  // This library was loaded for its loader alone; the other must find its symbols.
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&emulation_load), &self) != 0 &&
      dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) != nullptr &&
      dlopen(path, RTLD_NOW) != nullptr) {
    return 0;
  }
  const char* message = dlerror();
  failure = message == nullptr ? "cannot be loaded" : message;
  return 1;
}

int emulation_has_kernel(const char* name) { return kernels().count(name) != 0; }

// 0, or 1 if there is no such kernel or shape, or 2 if the launch failed.
int emulation_launch(const char* name, uint32_t grid, uint32_t block, uint32_t shared, void** arguments) {
  auto found = kernels().find(name);
  if (found == kernels().end() || grid == 0 || block == 0 || block > THREAD_LIMIT || shared > SHARED_LIMIT) return 1;
  return run(found->second.barriers, grid, block, shared, found->second.bind(arguments));
}
}

// A launch whose arguments are copied now, to be run later with the same result.
std::function<int()> emulation_bind(const char* name, uint32_t grid, uint32_t block, uint32_t shared,
                                    void** arguments) {
  const Kernel& kernel = kernels().at(name);
  std::function<void()> call = kernel.bind(arguments);
  return [=, &kernel] { return run(kernel.barriers, grid, block, shared, call); };
}
