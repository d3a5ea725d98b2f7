using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Programs;

namespace Lofizone.Tests.Programs;

/// <summary>Programs come from a fixed list of directories that only root can change, whatever the environment contains.</summary>
public sealed class ProgramDirectoriesTests : IDisposable
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void PATH_decides_nothing()
    {
        Fake("e2fsck");
        string? before = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", _directory + ":" + before);
        try
        {
            Assert.Contains(new ProgramRunner().Find("e2fsck"), (string[])["/usr/sbin/e2fsck", "/sbin/e2fsck"]);
            Fake("only-here");
            Assert.Null(new ProgramRunner().Find("only-here"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", before);
        }
    }

    [Fact]
    public async Task What_a_program_starts_is_found_in_the_same_directories()
    {
        ProgramResult said = await new ProgramRunner().RunAsync(new ProgramCall("sh", "-c", "echo $PATH"), TestContext.Current.CancellationToken);
        Assert.Equal(ProgramDirectories.SearchPath, said.Output.Trim());
    }

    [Fact]
    public void The_list_holds_neither_directories_of_the_site_nor_relative_ones() =>
        Assert.All(ProgramDirectories.SearchPath.Split(':'), d => Assert.True(d.StartsWith('/') && !d.StartsWith("/usr/local", StringComparison.Ordinal)));

    [Fact]
    public void A_test_may_put_a_directory_before_them()
    {
        Fake("e2fsck");
        Assert.Equal(Path.Combine(_directory, "e2fsck"), new ProgramDirectories(_directory).Find("e2fsck"));
        Assert.Null(new ProgramDirectories(_directory).Find("no-such-program"));
    }

    [Fact]
    public void Of_the_environment_only_a_throw_away_host_takes_a_directory()
    {
        string own = Fake("e2fsck");
        Assert.NotEqual(own, ProgramDirectories.Of(null, _directory).Find("e2fsck"));
        Assert.NotEqual(own, ProgramDirectories.Of("", _directory).Find("e2fsck"));
        Assert.Equal(own, ProgramDirectories.Of("/tmp/host", _directory).Find("e2fsck"));
    }

    [Fact]
    public void A_file_that_others_may_change_is_nobody_to_run()
    {
        string file = Fake("tool");
        Assert.Null(RootOnly.Follow(file, _directory).Problem);
        File.SetUnixFileMode(file, Executable | UnixFileMode.OtherWrite);
        Assert.Contains("everybody may write", RootOnly.Follow(file, _directory).Problem, StringComparison.Ordinal);
        File.SetUnixFileMode(file, Executable);
        DescriptorPath.ChangeOwner(file, 4711, 4711);
        Assert.Contains("belongs to user 4711", RootOnly.Follow(file, _directory).Problem, StringComparison.Ordinal);
        // The list is followed by a directory that every user may write to.
        Assert.NotNull(RootOnly.Follow(file).Problem);
    }

    private string Fake(string name)
    {
        string file = Path.Combine(_directory, name);
        File.WriteAllText(file, "#!/bin/sh\n");
        File.SetUnixFileMode(file, Executable);
        return file;
    }
}
