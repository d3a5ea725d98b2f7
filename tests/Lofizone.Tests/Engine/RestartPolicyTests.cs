using Lofizone.Engine;
using Microsoft.Extensions.Time.Testing;

namespace Lofizone.Tests.Engine;

/// <summary>A keeper's decisions to start another engine or to give up, and its notes of them.</summary>
public sealed class RestartPolicyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly KeeperNotes _notes = new(new byte[4096]);

    [Fact]
    public void Engines_that_die_before_they_get_anywhere_are_started_later_and_later_and_then_no_more()
    {
        List<TimeSpan> pauses = [];
        while (Die() is { } pause)
        {
            Assert.True(pauses.Count < RestartPolicy.WithoutProgressLimit);
            pauses.Add(pause);
        }

        Assert.Equal(RestartPolicy.WithoutProgressLimit - 1, pauses.Count);
        Assert.Equal([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero], pauses[..3]);
        Assert.Equal(pauses.Order(), pauses);
        Assert.True(pauses[^1] > TimeSpan.Zero);
    }

    [Fact]
    public void Engines_that_get_through_their_resume_are_started_at_once_until_too_many_die_within_a_minute()
    {
        int starts = 0;
        while (Die(progress: true) is { } pause)
        {
            Assert.Equal(TimeSpan.Zero, pause);
            starts++;
        }

        Assert.Equal(RestartPolicy.InWindowLimit - 1, starts);
    }

    [Fact]
    public void What_is_longer_ago_than_a_minute_does_not_count()
    {
        for (int i = 0; i < 500; i++)
        {
            Assert.Equal(TimeSpan.Zero, Die());
            _time.Advance(RestartPolicy.Window / 2 + TimeSpan.FromSeconds(1));
        }

        Assert.Equal(500, _notes.Restarts);
        Assert.Equal(KeeperNotes.DeathLimit, _notes.Deaths.Count);
    }

    [Fact]
    public void Notes_are_what_was_written()
    {
        Assert.Equal((EnginePhase.Starting, false, 0L, 0L), (_notes.Phase, _notes.CanResend, _notes.Progress, _notes.Restarts));
        _notes.Phase = EnginePhase.Serving;
        _notes.CanResend = true;
        _notes.Progress = 7;
        _notes.Add(new EngineDeath(11, 12));
        Assert.Equal((EnginePhase.Serving, true, 7L, 1L), (_notes.Phase, _notes.CanResend, _notes.Progress, _notes.Restarts));
        Assert.Equal([new EngineDeath(11, 12)], _notes.Deaths);
    }

    private TimeSpan? Die(bool progress = false)
    {
        if (progress)
            _notes.Progress++;
        EngineDeath death = new(_time.GetTimestamp(), _notes.Progress);
        TimeSpan? pause = RestartPolicy.Next(_notes.Deaths, death, _time);
        _notes.Add(death);
        return pause;
    }
}
