namespace Lofizone;

/// <summary>Where long work says how far it is: a live line on a terminal, plain lines elsewhere, nothing in most tests.</summary>
public interface IReporter
{
    /// <summary>A line that stays.</summary>
    void Line(string text);

    /// <summary>A line that stays, of something that whoever runs zones should know.</summary>
    void Warning(string text) => Line("warning: " + text);

    /// <summary>How far the step under way is; may be called often, shown at the terminal's own pace.</summary>
    void Progress(string text, long done, long total);
}

/// <summary>Says nothing.</summary>
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
