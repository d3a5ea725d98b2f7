namespace Lofizone;

/// <summary>Reports the progress of long work: a live line on a terminal, plain lines elsewhere, nothing in most tests.</summary>
public interface IReporter
{
    /// <summary>Writes a line that stays.</summary>
    void Line(string text);

    /// <summary>Writes a line that stays, about a fact that the administrator should know.</summary>
    void Warning(string text) => Line("warning: " + text);

    /// <summary>Reports the progress of the present step. May be called often; the terminal's pace limits the output.</summary>
    void Progress(string text, long done, long total);
}

/// <summary>Reports nothing.</summary>
public sealed class SilentReporter : IReporter
{
    public static SilentReporter Instance { get; } = new();

    public void Line(string text)
    {
    }

    public void Progress(string text, long done, long total)
    {
    }
}
