using Lofizone.Testing.Hosts;

namespace Lofizone.Integration.Tests;

/// <summary>Requirements on a failed command's message.</summary>
internal static class CommandAssertions
{
    extension(CommandResult result)
    {
        /// <summary>
        /// Asserts exit code 1 and one message, of a line and at most one line of advice, that contains all of <paramref name="words"/>.
        /// </summary>
        public void AssertRefused(params string[] words) => result.AssertRefusedWith(1, words);

        /// <summary>Asserts the same for a wrong command line, which gives exit code 2.</summary>
        public void AssertWrongUsage(params string[] words) => result.AssertRefusedWith(2, words);

        /// <summary>Asserts exit code 1 and these words, on any number of lines.</summary>
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
            // A type's name or a stack frame in a message shows a failure that has no message of its own.
            Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
            // The failure shows the whole output, because xunit's own assertion shows only the first fifty characters.
            foreach (string word in words)
                Assert.True(result.Error.Contains(word, StringComparison.Ordinal), $"'{word}' is missing:\n{result}");
        }
    }
}
