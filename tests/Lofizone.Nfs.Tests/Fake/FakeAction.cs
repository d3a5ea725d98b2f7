namespace Lofizone.Nfs.Tests.Fake;

/// <summary>What the server does with a request: a fault that a test or a seed has chosen, or none.</summary>
/// <param name="Executes">The server executes the request. Otherwise the request is lost.</param>
/// <param name="Cuts">The connection ends before the reply.</param>
/// <param name="Holds">The request stays under way until <see cref="FakeNfsServer.DeliverHeld"/>, also when its connection ends.</param>
/// <param name="Mangle">Replaces the reply, record mark included.</param>
/// <param name="IsAnswer">The result of <paramref name="Mangle"/> is still an answer to the request.</param>
internal sealed record FakeAction(bool Executes, bool Cuts, bool Holds, Func<byte[], byte[]>? Mangle = null, bool IsAnswer = true)
{
    public static FakeAction Execute { get; } = new(true, false, false);

    public static FakeAction LoseAndCut { get; } = new(false, true, false);

    public static FakeAction ExecuteAndCut { get; } = new(true, true, false);

    public static FakeAction Hold { get; } = new(false, false, true);

    public static FakeAction ExecuteAndMangle(Func<byte[], byte[]> mangle) => new(true, false, false, mangle);
}

/// <summary>A request as the server saw it, for checks of the protocol's promises.</summary>
internal sealed record FakeArrival(FakeRequest Request, int Connection, bool WasReplay);
