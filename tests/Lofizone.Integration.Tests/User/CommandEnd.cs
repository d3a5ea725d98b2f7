namespace Lofizone.Integration.Tests.User;

/// <summary>How a command ended.</summary>
/// <param name="Command">The command, for messages.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Took">From start to end.</param>
public sealed record CommandEnd(string Command, int ExitCode, string Output, string Error, TimeSpan Took)
{
    /// <summary>Everything, for the message of a failed test.</summary>
    public override string ToString() => $"{Command}: exit code {ExitCode} after {Took.TotalSeconds:0.0} s\n{Output}{Error}";

    /// <summary>One message: a line that holds each of <paramref name="words"/> in it or in its advice, and at most one line of advice.</summary>
    public void AssertRefused(params string[] words)
    {
        Assert.True(ExitCode == 1, ToString());
        string[] lines = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length is 1 or 2, ToString());
        Assert.True(lines.Length == 1 || lines[1].StartsWith("  ", StringComparison.Ordinal), ToString());
        // A type's name or a stack frame in a message is a failure nobody has thought about.
        Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        foreach (string word in words)
            Assert.Contains(word, Error, StringComparison.Ordinal);
    }

    /// <summary>Failed with exit code 1 and these words, on as many lines as it likes.</summary>
    public void AssertFailed(params string[] words)
    {
        Assert.True(ExitCode == 1, ToString());
        foreach (string word in words)
            Assert.Contains(word, Error, StringComparison.Ordinal);
    }
}
