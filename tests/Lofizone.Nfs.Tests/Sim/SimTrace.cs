namespace Lofizone.Nfs.Tests.Sim;

/// <summary>What happened in a run, in order, with the simulated time: read by people after a failure, compared by the test that replays seeds.</summary>
internal sealed class SimTrace
{
    private readonly List<string> _lines = [];
    private string _thread = "";

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Set when there is a clock.</summary>
    public SimTime? Time { get; set; }

    /// <summary>Who goes on; shown with the next lines.</summary>
    public void Switch(string thread)
    {
        _thread = thread;
        Turns++;
        unchecked
        {
            foreach (char c in thread)
                Schedule = (Schedule ^ c) * 0x100000001B3;
        }
    }

    /// <summary>How often a thread was chosen.</summary>
    public int Turns { get; private set; }

    /// <summary>A hash of all choices of threads, in order.</summary>
    public ulong Schedule { get; private set; } = 0xCBF29CE484222325;

    public void Add(string what) =>
        _lines.Add($"{Time?.Now.TotalMilliseconds,12:0.000} ms  {_thread,-26} {what}");
}
