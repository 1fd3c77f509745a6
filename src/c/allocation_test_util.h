// An operator new that fails on request, for the whole test program of this layer.
//
// In a file of its own, so that the compiler does not inline it into its callers, where it would
// find that memory from new is given to free.
//
// Thread safety: each thread asks for its own failures.
#pragma once

namespace beachdb {

inline constexpr int kAllSucceed = -1;

// How many allocations of this thread succeed before one fails, and then all succeed again.
int& AllocationsLeft();

// The allocation of this thread that comes after `n` others fails.
void FailAllocation(int n);
// Whether it came to that; takes the request back if not.
bool AllocationFailed();

}  // namespace beachdb
