using Lofizone.Hosts;

namespace Lofizone.Tests.Hosts;

public sealed class HostFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_directory_that_is_not_there_holds_no_names() =>
        Assert.Empty(HostFile.NamesIn(Path.Combine(_directory, "missing", "directory")));

    [Fact]
    public void A_file_in_the_place_of_a_directory_is_an_error()
    {
        string file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        LofizoneException error = Assert.Throws<LofizoneException>(() => HostFile.NamesIn(file));
        Assert.StartsWith($"{file}: can't be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_is_removed_while_another_process_puts_files_into_it()
    {
        string directory = Path.Combine(_directory, "directory");
        using CancellationTokenSource enough = new();
        Task other = Task.Run(() =>
        {
            for (int i = 0; !enough.IsCancellationRequested; i++)
            {
                try
                {
                    File.WriteAllText(Path.Combine(directory, $"login-{i}"), "");
                }
                catch (IOException)
                {
                    // The directory is missing at this moment.
                }
            }
        });
        try
        {
            for (int i = 0; i < 300; i++)
            {
                Directory.CreateDirectory(directory);
                HostFile.RemoveDirectory(directory);
                Assert.False(Directory.Exists(directory));
                Directory.CreateDirectory(directory);
                HostFile.RemoveEmptyDirectory(directory);
            }
        }
        finally
        {
            await enough.CancelAsync();
            await other;
        }
    }

    [Fact]
    public async Task A_directory_that_comes_and_goes_meanwhile_is_read_or_is_not_there()
    {
        string directory = Path.Combine(_directory, "directory");
        using CancellationTokenSource enough = new();
        Task maker = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                Directory.CreateDirectory(directory);
                Directory.Delete(directory);
            }
        });
        try
        {
            for (int i = 0; i < 20_000; i++)
                Assert.Empty(HostFile.NamesIn(directory));
        }
        finally
        {
            await enough.CancelAsync();
            await maker;
        }
    }
}
