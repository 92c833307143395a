// The one compilation unit of the device code.
#include "msm.cuh"
#include "ntt.cuh"
#include "vector.cuh"
