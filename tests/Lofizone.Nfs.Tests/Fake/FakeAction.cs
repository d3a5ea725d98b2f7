namespace Lofizone.Nfs.Tests.Fake;

/// <summary>What becomes of a request that arrives: the fault, if any, that a test or a seed has chosen for it.</summary>
/// <param name="Executes">The server executes it; otherwise it is lost.</param>
/// <param name="Cuts">The connection ends instead of a reply.</param>
/// <param name="Holds">It stays under way, even when its connection ends, until <see cref="FakeNfsServer.DeliverHeld"/>.</param>
/// <param name="Mangle">Turns the reply, record mark included, into what the client gets instead.</param>
/// <param name="IsAnswer">What <paramref name="Mangle"/> makes still answers the request.</param>
internal sealed record FakeAction(bool Executes, bool Cuts, bool Holds, Func<byte[], byte[]>? Mangle = null, bool IsAnswer = true)
{
    public static FakeAction Execute { get; } = new(true, false, false);

    public static FakeAction LoseAndCut { get; } = new(false, true, false);

    public static FakeAction ExecuteAndCut { get; } = new(true, true, false);

    public static FakeAction Hold { get; } = new(false, false, true);

    public static FakeAction ExecuteAndMangle(Func<byte[], byte[]> mangle) => new(true, false, false, mangle);
}

/// <summary>One request as the server saw it, for the checks of the protocol's promises.</summary>
internal sealed record FakeArrival(FakeRequest Request, int Connection, bool WasReplay);
