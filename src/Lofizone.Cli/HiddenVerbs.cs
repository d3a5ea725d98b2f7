using Lofizone.Lofi;

namespace Lofizone.Cli;

/// <summary>
/// Verbs that only our own processes call: the binary executes itself again in another role.
/// They stay out of the help and out of the command-line parser, so that a data path starts without its cost.
/// </summary>
internal static class HiddenVerbs
{
    private static readonly Dictionary<string, Func<string[], Task<int>>> _verbs = new(StringComparer.Ordinal)
    {
        [EngineLauncher.Verb] = EngineProcess.RunAsync,
    };

    /// <summary>The role named by the first argument, or null when it is a verb for users.</summary>
    public static Func<string[], Task<int>>? Find(string[] arguments) =>
        arguments.Length > 0 && _verbs.TryGetValue(arguments[0], out Func<string[], Task<int>>? verb) ? verb : null;
}
