using Lofizone.Programs;

namespace Lofizone.Tests.Programs;

public sealed class MissingProgramTests
{
    [Fact]
    public void All_missing_programs_are_named_at_once_with_one_command()
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => MissingProgram.Require(new Nothing(), "crun", "conmon", "e2fsck", "mkfs.ext4"));
        Assert.Equal("crun, conmon, e2fsck, mkfs.ext4: programs not found", error.Message);
        Assert.StartsWith("install them: apt-get install conmon crun e2fsprogs;", error.Advice, StringComparison.Ordinal);
        Assert.StartsWith("install it: apt-get install crun;", Assert.Throws<LofizoneException>(() => MissingProgram.Require(new Nothing("conmon"), "crun", "conmon")).Advice, StringComparison.Ordinal);
        MissingProgram.Require(new Nothing("crun"), "crun");
    }

    /// <summary>A host that has only the named programs.</summary>
    private sealed class Nothing(params string[] there) : IProgramRunner
    {
        public Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation) => throw new NotSupportedException();

        public string? Find(string program) => there.Contains(program) ? $"/usr/bin/{program}" : null;
    }
}
