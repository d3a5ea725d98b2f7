namespace Lofizone.Tests.Fleet;

/// <summary>
/// The links between hosts and servers. A message is lost when its link is cut, its server is down or its host is gone at its arrival. Some
/// messages are held up for longer than a lease, although copies that were sent later have arrived.
/// </summary>
internal sealed class FleetNetwork(FleetSetup setup, FleetClock clock, Random random)
{
    private const int LateOfThousand = 10;
    private const int FastestMilliseconds = 1;
    private const int UsualMilliseconds = 8;
    private readonly HashSet<(int Host, int Server)> _cut = [];
    private readonly HashSet<int> _slow = [];

    public void Cut(int host, int server) => _cut.Add((host, server));

    public void Mend(int host, int server) => _cut.Remove((host, server));

    public void SetSlow(int host, bool slow)
    {
        if (slow)
            _slow.Add(host);
        else
            _slow.Remove(host);
    }

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Gets the reply, once for each copy of the request that arrives.</param>
    /// <param name="lost">Called when the request or the reply is lost; stands for the sender's timer.</param>
    public void Send(FleetRequest request, Action<FleetReply> answer, Action lost)
    {
        if (random.Next(1000) < LateOfThousand)
            clock.After(random.NextInt64(setup.Lease * 3), () => Arrive(request, answer, () => { }));
        clock.After(Delay(request.From.Host.Number), () => Arrive(request, answer, lost));
    }

    private void Arrive(FleetRequest request, Action<FleetReply> answer, Action lost)
    {
        if (!Passes(request.From))
        {
            lost();
            return;
        }
        FleetReply reply = request.From.Zone.Server.Execute(request);
        clock.After(Delay(request.From.Host.Number), () =>
        {
            if (Passes(request.From))
                request.From.Host.WhenAwake(() => answer(reply));
            else
                lost();
        });
    }

    private bool Passes(FleetAttachment from) => from.Zone.Server.IsUp && !_cut.Contains((from.Host.Number, from.Zone.ServerNumber));

    private long Delay(int host) => _slow.Contains(host) ? random.NextInt64(setup.Lease / 2) : random.Next(FastestMilliseconds, UsualMilliseconds);
}
