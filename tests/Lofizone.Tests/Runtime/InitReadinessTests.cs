using Lofizone.Runtime;

namespace Lofizone.Tests.Runtime;

public sealed class InitReadinessTests
{
    [Theory]
    [InlineData("running", InitPhase.Ready)]
    [InlineData("degraded", InitPhase.Degraded)]
    [InlineData("initializing", InitPhase.Starting)]
    [InlineData("starting", InitPhase.Starting)]
    [InlineData("offline", InitPhase.Starting)]
    [InlineData("unknown", InitPhase.Starting)]
    [InlineData("", InitPhase.Starting)]
    [InlineData("running and more", InitPhase.Starting)]
    [InlineData("maintenance", InitPhase.Stuck)]
    [InlineData("stopping", InitPhase.Ending)]
    public void What_systemd_says_is_understood(string said, InitPhase phase) => Assert.Equal(phase, InitReadiness.OfSystemd(said).Phase);

    [Fact]
    public void Of_many_units_the_first_are_named()
    {
        string[] lines = [.. Enumerable.Range(1, 40).Select(i => $"{i} unit{i}.service start waiting"), "", "odd"];
        Assert.Equal(["unit1.service", "unit2.service", "unit3.service", "unit4.service", "unit5.service", "unit6.service", "34 more"], InitQuestions.Units(lines, column: 1));
        Assert.Equal(["bad?unit"], InitQuestions.Units(["bad\eunit loaded failed"], column: 0));
        Assert.Empty(InitQuestions.Units([], column: 0));
    }
}
