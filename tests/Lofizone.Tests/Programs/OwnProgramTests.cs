using System.Diagnostics;
using Lofizone.Programs;

namespace Lofizone.Tests.Programs;

/// <summary>Long-lived processes start this program again after an upgrade has replaced its file.</summary>
public sealed class OwnProgramTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lofizone-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_program_whose_file_was_replaced_still_has_its_path()
    {
        string program = Path.Combine(_directory, "zone");
        File.Copy("/bin/cat", program);
        using Process running = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true })!;
        try
        {
            File.Copy("/bin/true", program + ".new");
            File.Move(program + ".new", program, overwrite: true);
            string executable = File.ResolveLinkTarget($"/proc/{running.Id}/exe", returnFinalTarget: false)!.FullName;
            Assert.NotEqual(program, executable);
            Assert.Equal(program, OwnProgram.PathOf(executable));
        }
        finally
        {
            running.StandardInput.Close();
            running.WaitForExit();
        }
    }

    [Fact]
    public void A_program_whose_file_is_there_has_the_path_that_the_kernel_tells()
    {
        string program = Path.Combine(_directory, "zone (deleted)");
        File.WriteAllText(program, "");
        Assert.Equal(program, OwnProgram.PathOf(program));
        Assert.True(File.Exists(OwnProgram.Path));
    }
}
