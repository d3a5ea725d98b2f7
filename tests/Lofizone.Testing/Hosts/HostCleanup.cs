namespace Lofizone.Testing.Hosts;

/// <summary>Removes a throw-away host from this machine, with the script that also cleans up after killed test runs.</summary>
public static class HostCleanup
{
    private const string Script = "scripts/clean-leftovers";

    /// <exception cref="InvalidOperationException">A part of the host can't be removed.</exception>
    public static async Task RunAsync(string root)
    {
        await TestProgram.RunAsync(Path.Combine(RepositoryRoot(), Script), root);
        if (Directory.Exists(root))
            throw new InvalidOperationException($"{root}: still there after {Script}");
    }

    /// <summary>Removes everything of the host except for the files on its disk, as a power cut does.</summary>
    public static Task RebootAsync(string root) => TestProgram.RunAsync(Path.Combine(RepositoryRoot(), Script), "--power-cut", root);

    /// <summary>The directory above this project's scripts directory.</summary>
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
