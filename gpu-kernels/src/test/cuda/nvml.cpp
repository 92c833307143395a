// As much of NVIDIA's management library as the backend calls: a libnvidia-ml.so.1 for tests, with sensors of one device
// that show what they are. The clock of the memory it may not tell.
#include <string.h>

extern "C" {

static int initialised = 0;

int nvmlInit_v2() {
  initialised = 1;
  return 0;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** device) {
  static int one;
  *device = &one;
  return initialised && strcmp(bus, "0000:00:00.0") == 0 ? 0 : 6;
}

int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  static unsigned long long total = 5000000000000ull;
  *millijoules = total += 1500;
  return 0;
}

int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 650500;
  return 0;
}

int nvmlDeviceGetClockInfo(void*, int type, unsigned* megahertz) {
  *megahertz = 1980;
  return type == 1 ? 0 : 3;
}

int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 41;
  return 0;
}
}
