namespace Lofizone.Interop.Tests;

/// <summary>
/// The kernel gives up a walk through ".." with EAGAIN while a rename happens on the host (openat2(2)). No caller may see this error.
/// </summary>
public sealed class OpenRaceTests
{
    private const int Opens = 20_000;

    [Theory]
    [InlineData(OpenFlags.ReadOnly)]
    [InlineData(OpenFlags.NonBlocking)]
    public async Task A_walk_through_a_parent_directory_is_repeated_while_others_rename(OpenFlags flags)
    {
        string directory = Directory.CreateTempSubdirectory("lofizone-open-").FullName;
        using CancellationTokenSource enough = new();
        Directory.CreateDirectory(Path.Combine(directory, "a", "b"));
        await File.WriteAllTextAsync(Path.Combine(directory, "a", "file"), "", TestContext.Current.CancellationToken);
        Task renames = Task.Run(() => RenameUntil(directory, enough.Token), CancellationToken.None);
        try
        {
            using FileDescriptor root = Files.Open(directory, OpenFlags.Directory);
            for (int i = 0; i < Opens; i++)
                Files.OpenAt(root, "a/b/../file", flags, ResolveFlags.Beneath).Dispose();
        }
        finally
        {
            await enough.CancelAsync();
            await renames;
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void RenameUntil(string directory, CancellationToken enough)
    {
        string one = Path.Combine(directory, "one");
        string two = Path.Combine(directory, "two");
        Directory.CreateDirectory(one);
        while (!enough.IsCancellationRequested)
        {
            Directory.Move(one, two);
            Directory.Move(two, one);
        }
    }
}
