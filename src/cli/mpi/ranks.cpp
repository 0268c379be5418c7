// The one place that calls MPI. It is a library of its own, opened only under mpirun: the program itself must
// not load Open MPI at every start.
#include "cli/mpi/ranks.h"

// The C calls are all that is needed; the old C++ ones would ask for one more library.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

extern "C" int headlight_ranks_start(int* rank, int* size) {
    int is_started = 0;
    if (MPI_Initialized(&is_started) != MPI_SUCCESS) return 1;
    if (is_started == 0 && MPI_Init(nullptr, nullptr) != MPI_SUCCESS) return 1;
    if (MPI_Comm_rank(MPI_COMM_WORLD, rank) != MPI_SUCCESS) return 1;
    return MPI_Comm_size(MPI_COMM_WORLD, size) == MPI_SUCCESS ? 0 : 1;
}

extern "C" int headlight_ranks_largest(int own, int* largest) {
    return MPI_Allreduce(&own, largest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD) == MPI_SUCCESS ? 0 : 1;
}

extern "C" void headlight_ranks_stop() {
    MPI_Finalize();
}
