namespace Lofizone.Integration.Tests;

/// <summary>The running test. Every file of this project has these members without a prefix.</summary>
internal static class CurrentTest
{
    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
