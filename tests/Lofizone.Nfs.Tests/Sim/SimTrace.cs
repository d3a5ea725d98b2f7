namespace Lofizone.Nfs.Tests.Sim;

/// <summary>The events of a run with their simulated time, for people, and for the test that compares repeated seeds.</summary>
internal sealed class SimTrace
{
    private readonly List<string> _lines = [];
    private string _thread = "";

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The clock; null before the run has one.</summary>
    public SimTime? Time { get; set; }

    /// <summary>Notes the thread that goes on, for the next lines.</summary>
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

    /// <summary>Number of choices of a thread.</summary>
    public int Turns { get; private set; }

    /// <summary>Hash of all choices of threads, in order.</summary>
    public ulong Schedule { get; private set; } = 0xCBF29CE484222325;

    public void Add(string what) =>
        _lines.Add($"{Time?.Now.TotalMilliseconds,12:0.000} ms  {_thread,-26} {what}");
}
