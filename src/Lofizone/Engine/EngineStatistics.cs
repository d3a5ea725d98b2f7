using Lofizone.Observation;

namespace Lofizone.Engine;

/// <summary>
/// The counters of each of an engine's layers since the engine started. Members are only ever added, as in <see cref="EngineStatus"/>.
/// </summary>
public sealed record EngineStatistics
{
    /// <summary>The engine's status at the same moment.</summary>
    public EngineStatus? Status { get; init; }

    /// <summary>Requests of the kernel by FUSE opcode, timed from the arrival in the engine to the reply.</summary>
    public IReadOnlyList<OperationFigures> Fuse { get => field ?? []; init; }

    /// <summary>
    /// The device's requests for the image: READ, WRITE, FLUSH, PUNCH. Times include the waits for a slot, for room, and for a held write.
    /// </summary>
    public IReadOnlyList<OperationFigures> Engine { get => field ?? []; init; }

    /// <summary>COMPOUNDs by their purpose, timed from the slot to the server's answer.</summary>
    public IReadOnlyList<OperationFigures> Nfs { get => field ?? []; init; }

    /// <summary>All COMPOUNDs of each route, named by its address, in the order of <see cref="EngineStatus.Paths"/>.</summary>
    public IReadOnlyList<OperationFigures> Paths { get => field ?? []; init; }

    /// <summary>
    /// The difference to an earlier reading of the same engine. All figures when the earlier reading is another engine's.
    /// </summary>
    public EngineStatistics Since(EngineStatistics? earlier) =>
        earlier?.Status is not { } before || Status is not { } now || before.Pid != now.Pid || before.Since != now.Since
            ? this
            : this with
            {
                Fuse = Since(Fuse, earlier.Fuse),
                Engine = Since(Engine, earlier.Engine),
                Nfs = Since(Nfs, earlier.Nfs),
                Paths = Since(Paths, earlier.Paths),
            };

    private static IReadOnlyList<OperationFigures> Since(IReadOnlyList<OperationFigures> now, IReadOnlyList<OperationFigures> before) =>
        [.. now.Select(n => n.Since(before.FirstOrDefault(b => b.Name == n.Name)))];
}
