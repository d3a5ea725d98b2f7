using Lofizone.Interop;
using Lofizone.Testing;
using Lofizone.Testing.Hosts;

namespace Lofizone.Tests.Packaging;

/// <summary>Scripts that use a directory with a fixed name refuse a directory that another user has made beforehand.</summary>
public sealed class OwnDirectoryTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("lofizone-test-").FullName;

    private string Target => Path.Combine(_parent, "lofizone-demo");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public async Task One_that_is_missing_is_made_and_an_own_one_is_used()
    {
        Assert.Equal(0, (await OwnAsync()).ExitCode);
        Assert.True(Directory.Exists(Target));
        Assert.Equal(0, (await OwnAsync()).ExitCode);
    }

    [Fact]
    public async Task Another_users_is_refused()
    {
        Directory.CreateDirectory(Target);
        DescriptorPath.ChangeOwner(Target, 4711, 4711);
        await AssertRefusedAsync("not a directory of this user");
    }

    [Fact]
    public async Task A_link_is_refused_wherever_it_leads()
    {
        File.CreateSymbolicLink(Target, Directory.CreateDirectory(Path.Combine(_parent, "own")).FullName);
        await AssertRefusedAsync("not a directory of this user");
        File.Delete(Target);
        File.CreateSymbolicLink(Target, Path.Combine(_parent, "nowhere"));
        await AssertRefusedAsync("not a directory of this user");
    }

    [Fact]
    public async Task One_that_others_may_write_to_is_refused()
    {
        Directory.CreateDirectory(Target);
        File.SetUnixFileMode(Target, (UnixFileMode)0b111_111_101);
        await AssertRefusedAsync("others may write");
    }

    [Fact]
    public async Task The_stand_in_NAS_starts_in_no_such_directory()
    {
        File.CreateSymbolicLink(Target, _parent);
        string nas = Path.Combine(HostCleanup.RepositoryRoot(), "scripts/nas");
        foreach (string verb in new[] { "start", "stop", "status" })
        {
            (int exitCode, _, string error) = await TestProgram.TryAsync(nas, verb, Target);
            Assert.Equal(1, exitCode);
            Assert.Contains("not used", error, StringComparison.Ordinal);
        }

        Assert.Equal([Target], Directory.GetFileSystemEntries(_parent));
    }

    private async Task AssertRefusedAsync(string why)
    {
        (int exitCode, _, string error) = await OwnAsync();
        Assert.Equal(1, exitCode);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> OwnAsync() =>
        TestProgram.TryAsync("bash", "-c", ". \"$1\" && own_directory \"$2\"", "bash", Path.Combine(HostCleanup.RepositoryRoot(), "scripts/own-directory"), Target);
}
