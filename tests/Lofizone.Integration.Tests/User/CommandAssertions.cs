using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests.User;

/// <summary>What a failed command owes its user.</summary>
internal static class CommandAssertions
{
    extension(CommandResult result)
    {
        /// <summary>Exit code 1 and one message: a line, and at most one line of advice, that hold all of <paramref name="words"/>.</summary>
        public void AssertRefused(params string[] words) => result.AssertRefusedWith(1, words);

        /// <summary>The same for a command line that makes no sense: exit code 2.</summary>
        public void AssertWrongUsage(params string[] words) => result.AssertRefusedWith(2, words);

        /// <summary>Exit code 1 and these words, on as many lines as it likes.</summary>
        public void AssertFailed(params string[] words) => result.AssertFailedWith(1, words);

        private void AssertRefusedWith(int exitCode, string[] words)
        {
            result.AssertFailedWith(exitCode, words);
            string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length is 1 or 2, result.ToString());
            Assert.True(lines.Length == 1 || lines[1].StartsWith("  ", StringComparison.Ordinal), result.ToString());
        }

        private void AssertFailedWith(int exitCode, string[] words)
        {
            Assert.True(result.ExitCode == exitCode, result.ToString());
            // A type's name or a stack frame in a message is a failure nobody has thought about.
            Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
            // The whole output in the failure: xunit's own assertion shows the first fifty characters of a message.
            foreach (string word in words)
                Assert.True(result.Error.Contains(word, StringComparison.Ordinal), $"'{word}' is missing:\n{result}");
        }
    }
}
