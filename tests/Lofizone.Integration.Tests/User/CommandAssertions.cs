using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.User;

/// <summary>What a failed command owes its user.</summary>
internal static class CommandAssertions
{
    extension(CommandResult result)
    {
        /// <summary>Exit code 1 and one message: a line, and at most one line of advice, that hold all of <paramref name="words"/>.</summary>
        public void AssertRefused(params string[] words)
        {
            result.AssertFailed(words);
            string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length is 1 or 2, result.ToString());
            Assert.True(lines.Length == 1 || lines[1].StartsWith("  ", StringComparison.Ordinal), result.ToString());
        }

        /// <summary>Exit code 1 and these words, on as many lines as it likes.</summary>
        public void AssertFailed(params string[] words)
        {
            Assert.True(result.ExitCode == 1, result.ToString());
            // A type's name or a stack frame in a message is a failure nobody has thought about.
            Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
            foreach (string word in words)
                Assert.Contains(word, result.Error, StringComparison.Ordinal);
        }
    }
}
