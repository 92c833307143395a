// As much of CUDA's driver API as the backend calls, on the emulated grid: a libcuda.so.1 for tests of everything above
// the driver. Work of a stream is only done when somebody waits for it, or asks for more than fits the queue, so that
// what is given back or overwritten too early shows.
//
// EMULATED_CUDA in the environment changes it: "devices=N" (0 makes cuInit fail), "memory=BYTES" of each, "fail=NAME"
// makes launches of that kernel fail, on "bad=N" if given, else on every device; "programs=PATH" loads a library of
// generated kernels, "version=N" is what it says to be of.
//
// emulated_cuda_fail makes one call fail, emulated_cuda_live counts what is not given back.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

extern "C" {
uint64_t emulation_allocate(uint64_t bytes);
int emulation_free(uint64_t address);
int emulation_has_kernel(const char* name);
int emulation_load(const char* path);
// The arguments of a launch, copied now; run by the function it returns.
const char* emulation_failure();
}

std::function<int()> emulation_bind(const char* name, uint32_t grid, uint32_t block, uint32_t shared, void** arguments);

namespace {

typedef int Result;
constexpr Result SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_DEVICE = 101,
                 INVALID_IMAGE = 200, INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_FOUND = 500, LAUNCH_FAILED = 719;
constexpr size_t QUEUE = 256;

constexpr int DEVICES = 16;

// A device with its one context.
struct Gpu {
  int retained = 0;
  Result sticky = SUCCESS;
  std::deque<std::function<int()>> queue;
  std::map<uintptr_t, size_t> memory, pinned;
  size_t used = 0;
  int streams = 0, events = 0, modules = 0;

  size_t live() const { return memory.size() + pinned.size() + streams + events + modules + retained; }
};

struct Handle {
  Gpu* gpu;
};

std::recursive_mutex lock;
bool initialised = false;
Gpu gpus[DEVICES];
thread_local Gpu* current = nullptr;
uint64_t calls = 0, fail_at = 0;
Result fail_with = SUCCESS;

std::string setting(const char* name, const char* otherwise) {
  const char* all = getenv("EMULATED_CUDA");
  std::string text = all == nullptr ? "" : all, key = std::string(name) + "=";
  size_t at = text.find(key);
  if (at == std::string::npos) return otherwise;
  at += key.size();
  return text.substr(at, text.find(',', at) - at);
}

size_t capacity() { return strtoull(setting("memory", "1073741824").c_str(), nullptr, 10); }

Result drain() {
  while (!current->queue.empty() && current->sticky == SUCCESS) {
    std::function<int()> work = current->queue.front();
    current->queue.pop_front();
    if (work() != 0) current->sticky = LAUNCH_FAILED;
  }
  return current->sticky;
}

// What every call begins with that may fail and gives nothing back.
Result ready() {
  if (!initialised || current == nullptr) return INVALID_CONTEXT;
  if (++calls == fail_at) {
    if (fail_with == LAUNCH_FAILED) current->sticky = LAUNCH_FAILED;
    return fail_with;
  }
  return current->sticky;
}

Result enqueue(std::function<int()> work) {
  if (Result r = ready()) return r;
  current->queue.push_back(work);
  return current->queue.size() > QUEUE ? drain() : SUCCESS;
}

Result make(void** handle, int Gpu::* count) {
  if (Result r = ready()) return r;
  current->*count += 1;
  *handle = new Handle{current};
  return SUCCESS;
}

Result unmake(void* handle, int Gpu::* count) {
  Handle* made = static_cast<Handle*>(handle);
  made->gpu->*count -= 1;
  delete made;
  return SUCCESS;
}

// The memory of the device that is worked on: what is on another is not there.
const std::map<uintptr_t, size_t>& memory() {
  static const std::map<uintptr_t, size_t> none;
  return current == nullptr ? none : current->memory;
}

bool inside(const std::map<uintptr_t, size_t>& blocks, uintptr_t address, size_t bytes) {
  auto after = blocks.upper_bound(address);
  if (after == blocks.begin()) return false;
  --after;
  return address + bytes <= after->first + after->second;
}

}  // namespace

#define API extern "C" Result
#define LOCKED std::lock_guard<std::recursive_mutex> guard(lock)

API cuInit(unsigned flags) {
  LOCKED;
  if (flags != 0) return INVALID_VALUE;
  if (setting("devices", "1") == "0") return NO_DEVICE;
  std::string programs = setting("programs", "");
  if (!programs.empty() && emulation_load(programs.c_str()) != 0) return NOT_FOUND;
  initialised = true;
  return SUCCESS;
}

API cuDriverGetVersion(int* version) {
  *version = atoi(setting("version", "13000").c_str());
  return SUCCESS;
}

API cuDeviceGetCount(int* count) {
  *count = atoi(setting("devices", "1").c_str());
  return initialised ? SUCCESS : INVALID_CONTEXT;
}

API cuDeviceGet(int* device, int ordinal) {
  int count;
  cuDeviceGetCount(&count);
  *device = ordinal;
  return ordinal < count ? SUCCESS : INVALID_DEVICE;
}

API cuDeviceGetName(char* name, int length, int device) {
  snprintf(name, length, "Emulated GPU %d", device);
  return SUCCESS;
}

API cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = capacity();
  return SUCCESS;
}

API cuDeviceGetPCIBusId(char* bus, int length, int device) {
  snprintf(bus, length, "0000:%02x:00.0", device);
  return SUCCESS;
}

API cuDeviceGetAttribute(int* value, int attribute, int) {
  // MULTIPROCESSOR_COUNT, COMPUTE_CAPABILITY_MAJOR, COMPUTE_CAPABILITY_MINOR
  *value = attribute == 16 ? 2 : attribute == 75 ? 9 : 0;
  return SUCCESS;
}

API cuDevicePrimaryCtxRetain(void** handle, int device) {
  LOCKED;
  if (++calls == fail_at) return fail_with;
  gpus[device].retained++;
  *handle = &gpus[device];
  return SUCCESS;
}

API cuDevicePrimaryCtxRelease_v2(int device) {
  LOCKED;
  Gpu& gpu = gpus[device];
  if (--gpu.retained == 0) {
    // What is left when the context goes is a leak, and said aloud.
    if (gpu.live() != 0) {
      fprintf(stderr, "LEAK: %zu device blocks, %zu pinned blocks, %d streams, %d events, %d modules\n",
              gpu.memory.size(), gpu.pinned.size(), gpu.streams, gpu.events, gpu.modules);
    }
    gpu.sticky = SUCCESS;
    gpu.queue.clear();
  }
  return SUCCESS;
}

API cuCtxSetCurrent(void* handle) {
  current = static_cast<Gpu*>(handle);
  return SUCCESS;
}

API cuMemGetInfo_v2(size_t* available, size_t* total) {
  LOCKED;
  if (Result r = ready()) return r;
  *total = capacity();
  *available = capacity() - current->used;
  return SUCCESS;
}

API cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  LOCKED;
  if (Result r = ready()) return r;
  if (bytes == 0) return INVALID_VALUE;
  if (current->used + bytes > capacity()) return OUT_OF_MEMORY;
  *address = emulation_allocate(bytes);
  current->memory[*address] = bytes;
  current->used += bytes;
  return SUCCESS;
}

API cuMemFree_v2(uint64_t address) {
  LOCKED;
  if (current == nullptr) return INVALID_CONTEXT;
  auto found = current->memory.find(address);
  if (found == current->memory.end()) return INVALID_VALUE;
  drain();
  current->used -= found->second;
  current->memory.erase(found);
  return emulation_free(address) == 0 ? current->sticky : LAUNCH_FAILED;
}

API cuMemHostAlloc(void** pointer, size_t bytes, unsigned) {
  LOCKED;
  if (Result r = ready()) return r;
  *pointer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  current->pinned[reinterpret_cast<uintptr_t>(*pointer)] = bytes;
  return SUCCESS;
}

API cuMemFreeHost(void* pointer) {
  LOCKED;
  if (current == nullptr || current->pinned.erase(reinterpret_cast<uintptr_t>(pointer)) == 0) return INVALID_VALUE;
  free(pointer);
  return SUCCESS;
}

API cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void*) {
  LOCKED;
  if (!inside(memory(), to, bytes)) return INVALID_VALUE;
  if (inside(current->pinned, reinterpret_cast<uintptr_t>(from), bytes)) {
    return enqueue([=] { return memcpy(reinterpret_cast<void*>(to), from, bytes), 0; });
  }
  std::vector<char> copy(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
  return enqueue([=] { return memcpy(reinterpret_cast<void*>(to), copy.data(), bytes), 0; });
}

API cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void*) {
  LOCKED;
  if (!inside(memory(), from, bytes)) return INVALID_VALUE;
  return enqueue([=] { return memcpy(to, reinterpret_cast<void*>(from), bytes), 0; });
}

API cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void*) {
  LOCKED;
  if (!inside(memory(), from, bytes) || !inside(memory(), to, bytes)) return INVALID_VALUE;
  return enqueue([=] { return memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes), 0; });
}

API cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void*) {
  LOCKED;
  if (!inside(memory(), to, bytes)) return INVALID_VALUE;
  return enqueue([=] { return memset(reinterpret_cast<void*>(to), value, bytes), 0; });
}

API cuStreamCreate(void** stream, unsigned) {
  LOCKED;
  return make(stream, &Gpu::streams);
}

API cuStreamSynchronize(void*) {
  LOCKED;
  if (Result r = ready()) return r;
  return drain();
}

API cuStreamDestroy_v2(void* stream) {
  LOCKED;
  return unmake(stream, &Gpu::streams);
}

// Waiting for an event does all work there is.
API cuEventCreate(void** event, unsigned) {
  LOCKED;
  return make(event, &Gpu::events);
}

API cuEventRecord(void*, void*) {
  LOCKED;
  return ready();
}

API cuEventSynchronize(void*) {
  LOCKED;
  if (Result r = ready()) return r;
  return drain();
}

API cuEventDestroy_v2(void* event) {
  LOCKED;
  return unmake(event, &Gpu::events);
}

API cuModuleLoadData(void** module, const void* image) {
  LOCKED;
  // A fat binary begins like this.
  if (*static_cast<const uint32_t*>(image) != 0xba55ed50u) return INVALID_IMAGE;
  return make(module, &Gpu::modules);
}

API cuModuleLoadDataEx(void** module, const void* image, unsigned, void*, void**) {
  return cuModuleLoadData(module, image);
}

API cuModuleUnload(void* module) {
  LOCKED;
  return unmake(module, &Gpu::modules);
}

API cuModuleGetFunction(void** function, void*, const char* name) {
  LOCKED;
  static std::map<std::string, const char*> names;
  if (!emulation_has_kernel(name)) return NOT_FOUND;
  auto entry = names.emplace(name, nullptr).first;
  entry->second = entry->first.c_str();
  *function = const_cast<char*>(entry->second);
  return ready();
}

API cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void*, void** arguments, void** extra) {
  LOCKED;
  if (gy != 1 || gz != 1 || by != 1 || bz != 1 || gx == 0 || bx == 0 || bx > 1024 || shared > 48 << 10 ||
      extra != nullptr) {
    return INVALID_VALUE;
  }
  const char* name = static_cast<const char*>(function);
  bool bad = setting("bad", "").empty() || current == &gpus[atoi(setting("bad", "").c_str())];
  if (bad && setting("fail", "") == name) return enqueue([] { return 1; });
  return enqueue(emulation_bind(name, gx, bx, shared, arguments));
}

API cuGetErrorName(Result error, const char** name) {
  static thread_local char text[32];
  snprintf(text, sizeof text, "CUDA_ERROR_%d", error);
  *name = text;
  return SUCCESS;
}

API cuGetErrorString(Result error, const char** text) {
  *text = error == LAUNCH_FAILED && emulation_failure()[0] != 0 ? emulation_failure() : "emulated error";
  return SUCCESS;
}

// For tests, beside the API.

// Call number `at` from now on fails with `error`, 719 for good; 0: none does. Counted are calls that may fail and give
// nothing back.
extern "C" void emulated_cuda_fail(uint64_t at, int error) {
  LOCKED;
  calls = 0;
  fail_at = at;
  fail_with = error;
}

extern "C" uint64_t emulated_cuda_calls() { return calls; }

// Blocks, streams, events, modules and contexts that are not given back, of all devices.
extern "C" uint64_t emulated_cuda_live() {
  LOCKED;
  uint64_t live = 0;
  for (const Gpu& gpu : gpus) live += gpu.live();
  return live;
}
