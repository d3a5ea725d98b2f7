using Lofizone.Basics;

namespace Lofizone.Engine;

/// <summary>Decides when a dead engine is started again: at once, unless engines die again and again.</summary>
internal static class RestartPolicy
{
    /// <summary>Number of deaths in a row without a completed resume after which the keeper gives up.</summary>
    public const int WithoutProgressLimit = 10;

    /// <summary>
    /// Number of deaths within <see cref="Window"/> after which the keeper gives up, whatever the engines completed in between.
    /// </summary>
    public const int InWindowLimit = 60;

    /// <summary>Number of deaths without progress that are followed by a restart at once.</summary>
    private const int AtOnce = 3;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static readonly BackOff _pauses = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1));

    /// <summary>Time to wait before the next start. Null: give up.</summary>
    /// <param name="deaths">Earlier deaths, oldest first.</param>
    /// <param name="death">The latest death.</param>
    /// <param name="time">Clock of the time stamps.</param>
    public static TimeSpan? Next(IReadOnlyList<EngineDeath> deaths, EngineDeath death, TimeProvider time)
    {
        int recent = 1;
        int stuck = 1;
        bool inRow = true;
        for (int i = deaths.Count - 1; i >= 0 && time.GetElapsedTime(deaths[i].Timestamp, death.Timestamp) <= Window; i--)
        {
            recent++;
            inRow &= deaths[i].Progress == death.Progress;
            if (inRow)
                stuck++;
        }

        if (recent >= InWindowLimit || stuck >= WithoutProgressLimit)
            return null;
        return stuck <= AtOnce ? TimeSpan.Zero : _pauses.After(stuck - AtOnce - 1);
    }
}
