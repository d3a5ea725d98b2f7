namespace Lofizone.Boot;

/// <summary>How far a zone boots.</summary>
public enum BootTarget
{
    /// <summary>As far as the zone's own configuration says.</summary>
    Usual,

    /// <summary>To an emergency shell on the console (milestone none).</summary>
    Emergency,

    /// <summary>To a maintenance shell on the console (<c>-s</c>, milestone single-user).</summary>
    SingleUser,

    /// <summary>To all services of a server (milestones multi-user and multi-user-server).</summary>
    MultiUser,
}
