namespace Lofizone.Testing.Hosts;

/// <summary>Takes a throw-away host off this machine, by the same script that tidies up after killed test runs.</summary>
public static class HostCleanup
{
    private const string Script = "scripts/clean-leftovers";

    /// <exception cref="InvalidOperationException">Something of the host does not go away.</exception>
    public static async Task RunAsync(string root)
    {
        await TestProgram.RunAsync(Path.Combine(RepositoryRoot(), Script), root);
        if (Directory.Exists(root))
            throw new InvalidOperationException($"{root}: still there after {Script}");
    }

    /// <summary>Takes away what a power cut takes: all but what lies on the host's disk.</summary>
    public static Task RebootAsync(string root) => TestProgram.RunAsync(Path.Combine(RepositoryRoot(), Script), "--power-cut", root);

    /// <summary>Where this project's scripts directory is.</summary>
    public static string RepositoryRoot()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, Script)))
                return directory;
        }

        throw new InvalidOperationException($"{Script} is not above {AppContext.BaseDirectory}: tests run in the project's tree");
    }
}
